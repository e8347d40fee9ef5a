package sim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"vivero/sim/ipc"
)

// picture (the workload image) is scatter with data: each piece is a band of a real picture, sent pixel by pixel through
// the pipes and back. The result is, byte for byte, what one process makes of the whole.
var picture = Workload{
	Name:    "image",
	Summary: "Filters a picture in parallel: a parent sends bands of it to workers by pipe and puts the results together.",
	Params: []Param{
		Int("workers", 4, 1, 16, "how many processes filter"),
		Choice("filter", []string{"blur", "sobel", "sharpen"}, "blur: Gaussian, sobel: the edges, sharpen: the picture less its blur"),
		Int("passes", 20, 1, 50, "how often the filter is applied"),
		Int("width", 960, 16, 4_096, "of the picture, in pixels; it is two thirds as high"),
		Int("pieces", 16, 1, 1_000, "into how many bands it is cut"),
	},
	Parts: func(p Params) ([]Part, []ipc.Spec) { return farmParts(p.Int("workers"), ipc.MaxPayload) },
	Run: func(ctx context.Context, w *Worker, p Params) error {
		job := imageJob{filters[p.Choice("filter")], int(p.Int("passes"))}
		width := int(p.Int("width"))
		height := width * 2 / 3
		switch {
		case w.Role == "parent" && w.has(1, 1):
			began := time.Now()
			result, err := job.parallel(ctx, w, garden(width, height), min(int(p.Int("pieces")), height))
			if err != nil {
				return unlessStopped(ctx, err)
			}
			fmt.Printf("%s of %d×%d pixels by %d workers in %.2f s: sha256 %x\n", p.Choice("filter"), width, height, p.Int("workers"),
				time.Since(began).Seconds(), sha256.Sum256(result.pix))
			return nil
		case w.Role == "worker" && w.has(1, 1):
			return farmhand(ctx, w, func(ctx context.Context, m ipc.Message, in *ipc.Reader, out *ipc.Writer) error {
				var b band
				if _, err := fmt.Sscanf(string(m.Payload), bandFormat, &b.first, &b.last, &b.above, &b.below); err != nil || !b.valid(height) {
					fmt.Printf("no piece of work: %q\n", m.Payload) // the teacher's own message, most likely
					return nil
				}
				part := raster{width, b.below - b.above, make([]byte, 3*width*(b.below-b.above))}
				if err := receivePixels(ctx, in, part.pix); err != nil {
					return err
				}
				part, err := job.apply(ctx, w, part)
				if err != nil {
					return err
				}
				return sendPixels(ctx, out, part.rows(b.first-b.above, b.last-b.above))
			})
		}
		return alone("image")
	},
}

// imageJob is one filter, applied some times.
type imageJob struct {
	filter
	passes int
}

// apply gives the filtered picture; in is used up.
func (j imageJob) apply(ctx context.Context, w *Worker, in raster) (raster, error) {
	out := raster{in.width, in.height, make([]byte, len(in.pix))}
	for range j.passes {
		for y := range in.height {
			if ctx.Err() != nil {
				return in, ctx.Err()
			}
			w.Recorder.Point(ctx)
			for x := range in.width {
				j.pixel(in, x, y, out.pix[3*(y*in.width+x):])
			}
		}
		in, out = out, in
	}
	return in, nil
}

// band is a piece: the rows first to last (not included) are asked for, and above to below are sent, so that the filter
// has what it looks at.
type band struct{ first, last, above, below int }

const bandFormat = "filter rows %d to %d, sent %d to %d"

func (b band) valid(height int) bool {
	return 0 <= b.above && b.above <= b.first && b.first < b.last && b.last <= b.below && b.below <= height
}

// band is one of pieces.
func (j imageJob) band(piece, pieces, height int) band {
	first, last, reach := piece*height/pieces, (piece+1)*height/pieces, j.reach*j.passes
	return band{first, last, max(0, first-reach), min(height, last+reach)}
}

func (j imageJob) parallel(ctx context.Context, w *Worker, whole raster, pieces int) (raster, error) {
	result := raster{whole.width, whole.height, make([]byte, len(whole.pix))}
	f := farm{tasks: w.Ends.Writers, results: w.Ends.Readers,
		give: func(ctx context.Context, out *ipc.Writer, piece int) error {
			b := j.band(piece, pieces, whole.height)
			if err := out.Send(ctx, fmt.Appendf(nil, bandFormat, b.first, b.last, b.above, b.below)); err != nil {
				return err
			}
			return sendPixels(ctx, out, whole.rows(b.above, b.below))
		},
		take: func(ctx context.Context, in *ipc.Reader, piece int) error {
			b := j.band(piece, pieces, whole.height)
			return receivePixels(ctx, in, result.rows(b.first, b.last))
		}}
	err := f.run(ctx, pieces, func(done int) { w.Progress(float64(done) / float64(pieces)) })
	return result, err
}

// A message of pixels: this tag, where they belong (u32, bytes from the start of the band), the bytes.
const (
	pixelTag    = "pix "
	pixelHeader = len(pixelTag) + 4
	pixelRoom   = ipc.MaxPayload - pixelHeader
)

func sendPixels(ctx context.Context, out *ipc.Writer, pix []byte) error {
	message := make([]byte, 0, ipc.MaxPayload)
	for at := 0; at < len(pix); at += pixelRoom {
		message = binary.LittleEndian.AppendUint32(append(message[:0], pixelTag...), uint32(at))
		message = append(message, pix[at:min(at+pixelRoom, len(pix))]...)
		if err := out.Send(ctx, message); err != nil {
			return err
		}
	}
	return nil
}

// receivePixels fills pix. Messages that are no pixels (the teacher can put in his own) are passed over.
func receivePixels(ctx context.Context, in *ipc.Reader, pix []byte) error {
	for at := 0; at < len(pix); {
		m, err := in.Receive(ctx)
		if err != nil {
			return err
		}
		in.Done()
		if len(m.Payload) < pixelHeader || !bytes.HasPrefix(m.Payload, []byte(pixelTag)) {
			continue
		}
		if where := int(binary.LittleEndian.Uint32(m.Payload[len(pixelTag):])); where != at {
			return fmt.Errorf("%s: pixels from %d came, want those from %d", in.Name, where, at)
		}
		at += copy(pix[at:], m.Payload[pixelHeader:])
	}
	return nil
}

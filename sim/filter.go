package sim

// raster is a picture: three bytes a pixel, row by row.
type raster struct {
	width, height int
	pix           []byte
}

// rows are the bytes of the rows from first to last (not included).
func (r raster) rows(first, last int) []byte { return r.pix[3*r.width*first : 3*r.width*last] }

// at is one colour of the pixel at x, y; beyond the border it is that of the border.
func (r raster) at(x, y, colour int) int {
	x, y = min(max(x, 0), r.width-1), min(max(y, 0), r.height-1)
	return int(r.pix[3*(y*r.width+x)+colour])
}

// filter makes one pixel of those around it, which are at most reach rows away.
type filter struct {
	reach int
	pixel func(in raster, x, y int, out []byte)
}

var filters = map[string]filter{
	"blur": {1, func(in raster, x, y int, out []byte) {
		for c := range 3 {
			out[c] = byte(blurred(in, x, y, c))
		}
	}},
	"sharpen": {1, func(in raster, x, y int, out []byte) {
		for c := range 3 {
			out[c] = clamped(2*in.at(x, y, c) - blurred(in, x, y, c))
		}
	}},
	"sobel": {1, func(in raster, x, y int, out []byte) {
		for c := range 3 {
			across := in.at(x+1, y-1, c) + 2*in.at(x+1, y, c) + in.at(x+1, y+1, c) - in.at(x-1, y-1, c) - 2*in.at(x-1, y, c) - in.at(x-1, y+1, c)
			down := in.at(x-1, y+1, c) + 2*in.at(x, y+1, c) + in.at(x+1, y+1, c) - in.at(x-1, y-1, c) - 2*in.at(x, y-1, c) - in.at(x+1, y-1, c)
			out[c] = clamped((abs(across) + abs(down)) / 2)
		}
	}},
}

// blurred is the smallest Gaussian: 1 2 1, both ways.
func blurred(in raster, x, y, c int) int {
	return (in.at(x-1, y-1, c) + 2*in.at(x, y-1, c) + in.at(x+1, y-1, c) +
		2*in.at(x-1, y, c) + 4*in.at(x, y, c) + 2*in.at(x+1, y, c) +
		in.at(x-1, y+1, c) + 2*in.at(x, y+1, c) + in.at(x+1, y+1, c) + 8) / 16
}

func clamped(v int) byte { return byte(min(max(v, 0), 255)) }

func abs(v int) int { return max(v, -v) }

// garden is the picture: a plant nursery at morning, rows of round trees on a hill, always the same for the same size. It
// is computed in whole numbers, so every machine makes the same bytes of it.
func garden(width, height int) raster {
	r := raster{width, height, make([]byte, 3*width*height)}
	set := func(x, y, red, green, blue int) {
		p := r.pix[3*(y*width+x):]
		p[0], p[1], p[2] = clamped(red), clamped(green), clamped(blue)
	}
	for y := range height {
		for x := range width {
			horizon := height*2/5 + (x-width/2)*(x-width/2)*height/(8*width*width)
			grain := int(hash(uint32(x), uint32(y))%17) - 8
			if y < horizon { // sky, with a sun
				dx, dy := x-width*3/4, y-height/5
				glow := max(0, 120-120*(dx*dx+dy*dy)*16/(width*width))
				set(x, y, 120+glow+grain/4, 170+glow*2/3+grain/4, 230-y*60/height+grain/4)
				continue
			}
			furrow := (x*3 + y*5) % max(2, height/20) * 40 / max(2, height/20)
			set(x, y, 90+furrow+grain, 120+furrow+grain*2, 50+grain)
		}
	}
	for row := range 5 { // the nearer, the larger
		size := width * (row + 2) / 90
		y := height*9/20 + row*row*height/32 + row*height/24
		for k := range 14 - 2*row {
			cx := width*(2*k+1+row%2)/(28-4*row) + int(hash(uint32(row), uint32(k))%uint32(max(1, size/2)))
			plant(r, cx, y, size, int(hash(uint32(k), uint32(row)+77)%50), set)
		}
	}
	return r
}

func plant(r raster, cx, cy, size, hue int, set func(x, y, red, green, blue int)) {
	for y := max(0, cy-size); y < min(r.height, cy+size*2); y++ {
		for x := max(0, cx-size); x < min(r.width, cx+size); x++ {
			dx, dy := x-cx, y-cy
			leaf := int(hash(uint32(x), uint32(y)) % 40)
			switch {
			case dx*dx+dy*dy < size*size-leaf*size*size/160:
				light := 60 - 40*(dx+dy)/max(1, size)
				set(x, y, 20+hue+light/2+leaf/2, 90+light+leaf-hue/2, 30+light/3)
			case abs(dx) <= size/8 && dy > 0 && dy < size*2-size/4:
				set(x, y, 90+leaf/2, 60+leaf/3, 35)
			}
		}
	}
}

// hash mixes two numbers: noise that is the same everywhere.
func hash(a, b uint32) uint32 {
	h := a*0x9e3779b1 ^ b*0x85ebca6b
	h ^= h >> 15
	h *= 0x2c1b3c6d
	return h ^ h>>12
}

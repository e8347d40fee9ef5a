package stream

import (
	"strconv"

	"vivero/server/tree"
)

// appendTraffic appends what changed of channels, as fields of a delta.
func appendTraffic(b []byte, d *tree.Delta) []byte {
	if len(d.Channels) > 0 {
		b = appendChannels(append(b, `,"channels":`...), d.Channels)
	}
	if len(d.GoneChannels) > 0 {
		b = appendIDs(append(b, `,"goneChannels":`...), d.GoneChannels)
	}
	if len(d.Messages) > 0 {
		b = append(b, `,"messages":[`...)
		for i := range d.Messages {
			b = comma(b, i)
			b = appendMessage(b, &d.Messages[i])
		}
		b = append(b, ']')
	}
	return b
}

func appendChannels(b []byte, channels []tree.Channel) []byte {
	b = append(b, '[')
	for i := range channels {
		b = comma(b, i)
		b = appendChannel(b, &channels[i])
	}
	return append(b, ']')
}

func appendChannel(b []byte, c *tree.Channel) []byte {
	b = intField(b, `{"id":`, int64(c.ID))
	b = stringField(b, `,"kind":`, c.Kind)
	b = stringField(b, `,"name":`, c.Name)
	b = boolField(b, `,"made":`, c.Made)
	b = countField(b, `,"capacity":`, c.Capacity)
	b = countField(b, `,"fill":`, c.Fill)
	b = countField(b, `,"slots":`, c.Slots)
	b = countField(b, `,"depth":`, c.Depth)
	b = countField(b, `,"buffered":`, c.Buffered)
	b = countField(b, `,"sent":`, c.Sent)
	b = countField(b, `,"received":`, c.Received)
	b = countField(b, `,"bytes":`, c.Bytes)
	b = countField(b, `,"lost":`, c.Lost)
	b = countField(b, `,"skipped":`, c.Skipped)
	b = boolField(b, `,"sampled":`, c.Sampled)
	b = appendIDs(append(b, `,"writers":`...), c.Writers)
	b = appendIDs(append(b, `,"readers":`...), c.Readers)
	b = append(b, `,"blocked":[`...)
	for i, w := range c.Blocked {
		b = comma(b, i)
		b = intField(b, `{"process":`, int64(w.Process))
		b = stringField(b, `,"op":`, w.Op)
		b = intField(b, `,"since":`, w.Since)
		b = append(b, '}')
	}
	b = append(b, ']')
	b = measureField(b, `,"rate":`, c.Rate)
	b = measureField(b, `,"latency":{"p50":`, c.Latency.P50)
	b = measureField(b, `,"p99":`, c.Latency.P99)
	b = append(b, '}')
	b = boolField(b, `,"ended":`, c.Ended)
	b = boolField(b, `,"broken":`, c.Broken)
	return append(b, '}')
}

// appendMessage appends [channel, step, process, sender, number, size, at, sentAt, text].
func appendMessage(b []byte, m *tree.Message) []byte {
	b = intField(b, "[", int64(m.Channel))
	b = stringField(b, ",", m.Step)
	b = intField(b, ",", int64(m.Process))
	b = intField(b, ",", int64(m.Sender))
	b = uintField(b, ",", m.Number)
	b = intField(b, ",", int64(m.Size))
	b = floatField(b, ",", m.At)
	b = floatField(b, ",", m.SentAt)
	b = stringField(b, ",", m.Text)
	return append(b, ']')
}

func appendIDs(b []byte, ids []int) []byte {
	b = append(b, '[')
	for i, id := range ids {
		b = comma(b, i)
		b = strconv.AppendInt(b, int64(id), 10)
	}
	return append(b, ']')
}

// countField appends null for what is unknown.
func countField(b []byte, name string, c tree.Count) []byte {
	if c < 0 {
		return append(append(b, name...), "null"...)
	}
	return intField(b, name, int64(c))
}

// measureField appends null for what is unknown.
func measureField(b []byte, name string, m tree.Measure) []byte {
	if m < 0 {
		return append(append(b, name...), "null"...)
	}
	return floatField(b, name, float64(m))
}

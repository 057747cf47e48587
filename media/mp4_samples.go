package media

// sampleTables are the boxes that say where samples lie and how long they last
// (ISO/IEC 14496-12, 8.6.1, 8.7). They are read piece by piece: the index of a
// long film is larger than what its facts need.
type sampleTables struct{ stts, stsz, stz2, stsc, stco, co64 box }

// packet is one sample in the file.
type packet struct {
	off  int64
	size int
}

// maxTable bounds the entries read of one table.
const maxTable = 4_000_000

// table gives random access to the fixed-size entries of a full box.
type table struct {
	in    *input
	start int64
	n     int64
	width int64
}

// tableOf opens b: head bytes before the entry count, entries of width bytes.
func tableOf(in *input, b box, head, width int64) table {
	v := in.upTo(b.start+head, 4)
	if len(v) < 4 || b.size() < head+4 {
		return table{in: in, width: width}
	}
	fits := (b.size() - head - 4) / width
	return table{in, b.start + head + 4, min(int64(be.Uint32(v)), fits, maxTable), width}
}

func (t table) at(i int64) []byte {
	b, err := t.in.bytes(t.start+i*t.width, int(t.width))
	if err != nil {
		return make([]byte, t.width)
	}
	return b
}

// sizes tells how large samples are.
type sizes struct {
	uniform int64
	n       int64
	each    table
	field   int // bits of an entry
}

func (s sampleTables) sizes(in *input) sizes {
	if s.stsz.size() >= 12 {
		v := in.body(s.stsz, 12)
		if len(v) < 12 {
			return sizes{}
		}
		out := sizes{uniform: int64(be.Uint32(v[4:])), n: int64(be.Uint32(v[8:]))}
		if out.uniform == 0 {
			out.each, out.field = tableOf(in, s.stsz, 8, 4), 32
			out.n = out.each.n
		}
		return out
	}
	v := in.body(s.stz2, 12)
	if len(v) < 12 || v[7] != 8 && v[7] != 16 {
		return sizes{}
	}
	out := sizes{field: int(v[7]), each: tableOf(in, s.stz2, 8, int64(v[7]/8))}
	out.n = out.each.n
	return out
}

func (s sizes) of(i int64) int64 {
	if s.uniform > 0 || i >= s.n {
		return s.uniform
	}
	b := s.each.at(i)
	switch s.field {
	case 8:
		return int64(b[0])
	case 16:
		return int64(be.Uint16(b))
	}
	return int64(be.Uint32(b))
}

// chunkTable knows offsets and sample counts of chunks.
type chunkTable struct {
	offsets table
	runs    table // stsc
}

func (s sampleTables) chunks(in *input) chunkTable {
	c := chunkTable{offsets: tableOf(in, s.stco, 4, 4), runs: tableOf(in, s.stsc, 4, 12)}
	if c.offsets.n == 0 {
		c.offsets = tableOf(in, s.co64, 4, 8)
	}
	return c
}

func (c chunkTable) offset(i int64) int64 {
	b := c.offsets.at(i)
	if c.offsets.width == 8 {
		return int64(be.Uint64(b) & (1<<63 - 1))
	}
	return int64(be.Uint32(b))
}

// each calls visit for chunks in order: index, first sample and how many there are.
func (c chunkTable) each(visit func(chunk, first, n int64) bool) {
	sample := int64(0)
	for r := range c.runs.n {
		e := c.runs.at(r)
		from, per := int64(be.Uint32(e))-1, int64(be.Uint32(e[4:]))
		to := c.offsets.n
		if r+1 < c.runs.n {
			to = min(to, int64(be.Uint32(c.runs.at(r+1)))-1)
		}
		if from < 0 || per == 0 {
			continue
		}
		for i := from; i < to; i++ {
			if !visit(i, sample, per) {
				return
			}
			sample += per
		}
	}
}

// samplesBefore counts the samples of the chunks before chunk without visiting each.
func (c chunkTable) samplesBefore(chunk int64) (n, inChunk int64) {
	for r := range c.runs.n {
		e := c.runs.at(r)
		from, per := int64(be.Uint32(e))-1, int64(be.Uint32(e[4:]))
		to := c.offsets.n
		if r+1 < c.runs.n {
			to = min(to, int64(be.Uint32(c.runs.at(r+1)))-1)
		}
		if from < 0 || to <= from {
			continue
		}
		if chunk < to {
			return n + max(0, chunk-from)*per, per
		}
		n += (to - from) * per
	}
	return n, 0
}

// measure counts the samples of t that lie inside the file and how long they last.
func (s sampleTables) measure(in *input, t *track) error {
	size := s.sizes(in)
	chunks := s.chunks(in)
	if size.n == 0 || chunks.offsets.n == 0 || chunks.runs.n == 0 {
		return nil
	}
	frame := size.uniform
	if t.entry.frameBytes > 0 && frame <= 1 {
		frame = int64(t.entry.frameBytes) // QuickTime writes 1 for plain PCM
	}
	// The last chunk that begins inside the file; chunks of one track lie in order.
	last := chunks.offsets.n - 1
	if chunks.offset(last) >= in.size {
		low, high := int64(0), last
		for low < high {
			middle := (low + high) / 2
			if chunks.offset(middle) >= in.size {
				high = middle
			} else {
				low = middle + 1
			}
		}
		last = low - 1
	}
	if last < 0 {
		return nil
	}
	before, per := chunks.samplesBefore(last)
	room := in.size - chunks.offset(last)
	present := int64(0)
	if frame > 0 {
		present = min(per, room/frame)
	} else {
		for ; present < per && before+present < size.n; present++ {
			if room -= size.of(before + present); room < 0 {
				break
			}
		}
	}
	present = min(before+present, size.n)
	t.samples, t.duration = s.lasting(in, present)
	return nil
}

// lasting sums the durations of the first n samples.
func (s sampleTables) lasting(in *input, n int64) (samples int64, duration uint64) {
	stts := tableOf(in, s.stts, 4, 8)
	for i := range stts.n {
		e := stts.at(i)
		count, delta := int64(be.Uint32(e)), uint64(be.Uint32(e[4:]))
		if delta > 1<<31 {
			delta = 0 // a negative step, written by broken muxers
		}
		count = min(count, n-samples)
		samples += count
		duration += uint64(count) * delta
		if samples == n {
			break
		}
	}
	return samples, min(duration, 1<<56)
}

// each calls visit with every sample of t inside the file, at most limit.
func (t *track) each(in *input, limit int64, visit func(p packet) bool) {
	for _, p := range t.packets {
		if !visit(p) {
			return
		}
	}
	size := t.tables.sizes(in)
	chunks := t.tables.chunks(in)
	done := int64(0)
	chunks.each(func(chunk, first, n int64) bool {
		off := chunks.offset(chunk)
		for i := range n {
			if first+i >= size.n || done >= limit {
				return false
			}
			done++
			length := size.of(first + i)
			if off+length > in.size || length > 16<<20 {
				return false
			}
			if !visit(packet{off, int(length)}) {
				return false
			}
			off += length
		}
		return true
	})
}

// readFragment adds the samples of one moof (8.8).
func (m *movie) readFragment(moof box) error {
	in := m.in
	return in.boxes(moof.start, moof.end, func(traf box) error {
		if traf.name != "traf" {
			return nil
		}
		var t *track
		var d trackDefaults
		base := moof.start - 8
		next := int64(-1) // where the data of a further run go on
		return in.boxes(traf.start, traf.end, func(b box) error {
			switch b.name {
			case "tfhd":
				c := cursor{b: in.body(b, 64)}
				flags := c.uint(4) & 0xffffff
				id := uint32(c.uint(4))
				t, d = m.byID(id), m.extends[id]
				if flags&1 != 0 {
					base = int64(c.uint(8) & (1<<62 - 1))
				}
				if flags&2 != 0 {
					c.skip(4)
				}
				if flags&8 != 0 {
					d.duration = uint32(c.uint(4))
				}
				if flags&16 != 0 {
					d.size = uint32(c.uint(4))
				}
			case "trun":
				if t != nil {
					next = m.readRun(t, b, d, base, next)
				}
			}
			return nil
		})
	})
}

// readRun adds one trun and returns where its data end.
func (m *movie) readRun(t *track, b box, d trackDefaults, base, next int64) int64 {
	in := m.in
	c := cursor{b: in.body(b, 16)}
	flags, n := c.uint(4)&0xffffff, int64(c.uint(4))
	at := b.start + 8
	off := base
	if next >= 0 {
		off = next
	}
	if flags&1 != 0 {
		off = base + int64(int32(c.uint(4)))
		at += 4
	}
	if flags&4 != 0 {
		at += 4
	}
	width := int64(0)
	for _, bit := range []uint64{0x100, 0x200, 0x400, 0x800} {
		if flags&bit != 0 {
			width += 4
		}
	}
	if width > 0 {
		n = min(n, (b.end-at)/width)
	}
	n = min(n, maxTable)
	keep := t.handler != "vide"
	for i := range n {
		duration, size := d.duration, d.size
		if width > 0 {
			e, err := in.bytes(at+i*width, int(width))
			if err != nil {
				return off
			}
			if flags&0x100 != 0 {
				duration, e = be.Uint32(e), e[4:]
			}
			if flags&0x200 != 0 {
				size = be.Uint32(e)
			}
		}
		if off < 0 || off+int64(size) > in.size {
			return off // the film was cut off here
		}
		t.samples++
		t.duration += uint64(duration)
		if keep && len(t.packets) < maxTable {
			t.packets = append(t.packets, packet{off, int(size)})
		}
		off += int64(size)
	}
	return off
}

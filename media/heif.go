package media

import (
	"errors"
	"slices"
)

// heifItem is what is needed of one item (ISO/IEC 23008-12).
type heifItem struct {
	kind        string
	contentType string
	extents     []extent
	inIdat      bool
	properties  []int // 1-based indices into the property container
}

// pictorial says that the item is a picture or a part of one.
func (it *heifItem) pictorial() bool {
	return it.kind == "hvc1" || it.kind == "av01" || it.kind == "grid"
}

// within says that all bytes of the item are in the file.
func (it *heifItem) within(size int64, idat box) bool {
	for _, e := range it.extents {
		end := size
		if it.inIdat {
			end = idat.size()
		}
		if e.off > end || e.n > end-e.off {
			return false
		}
	}
	return true
}

type extent struct{ off, n int64 }

var errNoPicture = errors.New("it holds no picture that can be shown")

// readHEIF reads HEIC and AVIF: the primary item's size from its properties, its
// turn from irot; the EXIF orientation says the same again and is not applied.
func readHEIF(in *input, f *Facts) error {
	_, all := brands(in.upTo(0, 64), in)
	if slices.Contains(all, "avif") || slices.Contains(all, "avis") {
		f.Format = "avif"
	}
	top, _ := in.children(box{start: 0, end: in.size})
	meta, ok := top["meta"]
	if !ok {
		return errNoPicture
	}
	meta.start += 4
	parts, _ := in.children(meta)
	items := map[uint32]*heifItem{}
	item := func(id uint32) *heifItem {
		if items[id] == nil {
			items[id] = &heifItem{}
		}
		return items[id]
	}
	pitm := in.body(parts["pitm"], 8)
	if len(pitm) < 6 {
		return errNoPicture
	}
	primary := uint32(be.Uint16(pitm[4:]))
	if pitm[0] > 0 && len(pitm) >= 8 {
		primary = be.Uint32(pitm[4:])
	}
	in.heifInfos(parts["iinf"], item)
	in.heifLocations(parts["iloc"], item)
	iprp, _ := in.children(parts["iprp"])
	_, properties := in.children(iprp["ipco"])
	in.heifAssociations(iprp["ipma"], item)

	if err := in.heifPicture(items[primary], properties, f); err != nil {
		return err
	}
	idat := parts["idat"]
	for _, it := range items {
		if it.pictorial() && !it.within(in.size, idat) {
			return broken("its picture data lie outside the file; it was cut off")
		}
		switch {
		case it.kind == "Exif":
			if b := in.heifData(it, idat); len(b) > 4 {
				// Four bytes say where the TIFF header starts behind them.
				if skip := int64(be.Uint32(b)); skip < int64(len(b)-4) {
					readEXIF(b[4+skip:], f, false)
				}
			}
		case it.kind == "mime" && it.contentType == "application/rdf+xml":
			readXMP(in.heifData(it, idat), f)
		}
	}
	return nil
}

func (in *input) heifPicture(it *heifItem, properties []box, f *Facts) error {
	if it == nil {
		return errNoPicture
	}
	turned := false
	for _, i := range it.properties {
		if i < 1 || i > len(properties) {
			return broken("its picture refers to property %d of %d", i, len(properties))
		}
		p := properties[i-1]
		switch p.name {
		case "ispe":
			b := in.body(p, 12)
			if len(b) < 12 {
				return errTruncated
			}
			if err := f.setSize(int64(be.Uint32(b[4:])), int64(be.Uint32(b[8:]))); err != nil {
				return err
			}
		case "irot":
			if b := in.body(p, 1); len(b) == 1 {
				turned = b[0]&1 == 1
			}
		case "colr":
			if b := in.body(p, maxEXIFValue); len(b) > 4 && (string(b[:4]) == "prof" || string(b[:4]) == "rICC") {
				f.ColorProfile = iccDescription(b[4:])
			}
		}
	}
	if f.Width == nil {
		return errNoPicture
	}
	f.setDisplay(turned)
	return nil
}

func (in *input) heifInfos(iinf box, item func(uint32) *heifItem) {
	head := in.body(iinf, 8)
	if len(head) < 8 {
		return
	}
	start := iinf.start + 6
	if head[0] > 0 {
		start = iinf.start + 8
	}
	_ = in.boxes(start, iinf.end, func(b box) error {
		v := in.body(b, 256)
		if b.name != "infe" || len(v) < 12 || v[0] < 2 {
			return nil
		}
		id, rest := uint32(be.Uint16(v[4:])), v[8:]
		if v[0] == 3 && len(v) >= 14 {
			id, rest = be.Uint32(v[4:]), v[10:]
		}
		it := item(id)
		it.kind = string(rest[:4])
		name, after := cString(rest[4:])
		_ = name
		it.contentType, _ = cString(after)
		return nil
	})
}

func cString(b []byte) (s string, rest []byte) {
	for i, c := range b {
		if c == 0 {
			return string(b[:i]), b[i+1:]
		}
	}
	return string(b), nil
}

// heifLocations reads iloc (ISO/IEC 14496-12, 8.11.3).
func (in *input) heifLocations(iloc box, item func(uint32) *heifItem) {
	b := in.body(iloc, 1<<20)
	if len(b) < 8 {
		return
	}
	c := cursor{b: b}
	version := c.uint(1)
	c.skip(3)
	sizes := c.uint(2)
	offSize, lenSize, baseSize, indexSize := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	idSize := 2
	if version == 2 {
		idSize = 4
	}
	if version == 0 {
		indexSize = 0
	}
	n := c.uint(idSize)
	for range n {
		if c.short {
			return
		}
		it := item(uint32(c.uint(idSize)))
		if version > 0 {
			it.inIdat = c.uint(2)&15 == 1
		}
		c.skip(2)
		base := c.uint(baseSize)
		for range c.uint(2) {
			c.skip(indexSize)
			off, length := base+c.uint(offSize), c.uint(lenSize)
			if c.short || off > 1<<62 || length > 1<<62 {
				return
			}
			it.extents = append(it.extents, extent{int64(off), int64(length)})
		}
	}
}

// heifAssociations reads ipma (8.11.14).
func (in *input) heifAssociations(ipma box, item func(uint32) *heifItem) {
	c := cursor{b: in.body(ipma, 1<<20)}
	version := c.uint(1)
	flags := c.uint(3)
	idSize, indexSize := 2, 1
	if version > 0 {
		idSize = 4
	}
	if flags&1 == 1 {
		indexSize = 2
	}
	for range c.uint(4) {
		it := item(uint32(c.uint(idSize)))
		for range c.uint(1) {
			index := c.uint(indexSize) &^ (1 << (8*indexSize - 1)) // the top bit says "essential"
			if c.short {
				return
			}
			if index > 0 { // 0: no property
				it.properties = append(it.properties, int(index))
			}
		}
		if c.short {
			return
		}
	}
}

func (in *input) heifData(it *heifItem, idat box) []byte {
	var out []byte
	for _, e := range it.extents {
		if it.inIdat {
			e.off += idat.start
		}
		if e.n > maxEXIFValue || int64(len(out))+e.n > 4<<20 {
			return nil
		}
		out = append(out, in.upTo(e.off, int(e.n))...)
	}
	return out
}

// cursor reads big-endian numbers in turn; short says that it ran out.
type cursor struct {
	b     []byte
	short bool
}

func (c *cursor) uint(n int) (v uint64) {
	if n > len(c.b) || n > 8 {
		c.short, c.b = true, nil
		return 0
	}
	for _, x := range c.b[:n] {
		v = v<<8 | uint64(x)
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) skip(n int) { _ = c.take(n) }

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.b) {
		c.short, c.b = true, nil
		return nil
	}
	out := c.b[:n]
	c.b = c.b[n:]
	return out
}

package media

import "bytes"

// box is one box of an ISO base media file (ISO/IEC 14496-12, 4.2): its name and
// where its body lies.
type box struct {
	name       string
	start, end int64 // of the body
	cut        bool  // the file ends before the box does
}

// maxBoxes bounds the boxes of one level; long fragmented films have tens of thousands.
const maxBoxes = 200_000

// boxes calls visit for each box between start and end. A box that claims more
// than there is ends with the file; a size that cannot be ends the walk.
func (in *input) boxes(start, end int64, visit func(b box) error) error {
	end = min(end, in.size)
	for range maxBoxes {
		if end-start < 8 {
			return nil
		}
		head, err := in.bytes(start, 8)
		if err != nil {
			return err
		}
		b := box{name: string(head[4:8]), start: start + 8}
		size := uint64(be.Uint32(head))
		switch size {
		case 0:
			size = uint64(end - start)
		case 1:
			long := in.upTo(start+8, 8)
			if len(long) < 8 {
				return nil
			}
			size, b.start = be.Uint64(long), start+16
		}
		if size < uint64(b.start-start) {
			return nil
		}
		b.cut = size > uint64(end-start)
		b.end = end
		if !b.cut {
			b.end = start + int64(size)
		}
		if err := visit(b); err != nil {
			return err
		}
		start = b.end
	}
	return errTooMuch
}

// children gathers the boxes inside b by name, the first of each, and lists all.
func (in *input) children(b box) (byName map[string]box, all []box) {
	byName = map[string]box{}
	_ = in.boxes(b.start, b.end, func(c box) error {
		if _, seen := byName[c.name]; !seen {
			byName[c.name] = c
		}
		if len(all) < 10_000 {
			all = append(all, c)
		}
		return nil
	})
	return byName, all
}

// body returns the bytes of b, up to limit.
func (in *input) body(b box, limit int) []byte {
	return in.upTo(b.start, int(min(b.end-b.start, int64(limit))))
}

func (b box) size() int64 { return b.end - b.start }

// brands returns the major brand and all compatible ones.
func brands(head []byte, in *input) (major string, all []string) {
	if len(head) < 16 || string(head[4:8]) != "ftyp" {
		return "", nil
	}
	n := int(min(be.Uint32(head), 512))
	b := head
	if in != nil {
		b = in.upTo(0, n)
	}
	b = b[:min(len(b), n)]
	major = string(head[8:12])
	all = append(all, major)
	for i := 16; i+4 <= len(b); i += 4 {
		all = append(all, string(b[i:i+4]))
	}
	return major, all
}

func isHEIF(head []byte) bool {
	major, all := brands(head, nil)
	switch major {
	case "heic", "heix", "heim", "heis", "hevc", "hevx", "avif", "avis", "mif1", "msf1", "miaf":
		return true
	case "":
		return false
	}
	// Some writers name a brand of their own first.
	for _, b := range all {
		if b == "mif1" || b == "avif" {
			return true
		}
	}
	return false
}

func isMP4(head []byte) bool {
	if len(head) < 8 {
		return false
	}
	for _, name := range []string{"ftyp", "moov", "mdat", "wide", "styp", "moof", "pnot", "skip", "free"} {
		if bytes.Equal(head[4:8], []byte(name)) {
			return true
		}
	}
	return false
}

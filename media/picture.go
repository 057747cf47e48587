package media

import (
	"bytes"
	"compress/zlib"
	"hash/crc32"
	"io"
)

// readPNG walks the chunks before and after the picture data (ISO/IEC 15948).
func readPNG(in *input, f *Facts) error {
	off := int64(8)
	data, first := false, true
	var exifBlock, xmp []byte
	for range 10_000 {
		head, err := in.bytes(off, 8)
		if err != nil {
			break
		}
		n, name := int64(be.Uint32(head)), string(head[4:])
		if n > 1<<31-1 {
			return broken("a chunk of %d bytes at byte %d", n, off)
		}
		if first != (name == "IHDR") {
			return broken("its header chunk is not first, or stands there twice")
		}
		first = false
		switch name {
		case "IHDR":
			b, err := in.bytes(off+4, 4+13+4)
			if err != nil || n != 13 {
				return broken("its header chunk is broken")
			}
			if err := f.setSize(int64(be.Uint32(b[4:])), int64(be.Uint32(b[8:]))); err != nil {
				return err
			}
			if crc32.ChecksumIEEE(b[:17]) != be.Uint32(b[17:]) {
				return broken("its header does not match its checksum")
			}
			if !validPNGDepth(b[12], b[13]) {
				return broken("colour type %d with %d bits does not exist", b[13], b[12])
			}
		case "IDAT":
			data = true
		case "eXIf":
			if n <= maxEXIFValue {
				exifBlock = in.upTo(off+8, int(n))
			}
		case "iCCP":
			if n <= maxEXIFValue {
				f.ColorProfile = pngProfile(in.upTo(off+8, int(n)))
			}
		case "sRGB":
			f.ColorProfile = ptr("sRGB")
		case "iTXt":
			if b := in.upTo(off+8, int(min(n, 4<<20))); bytes.HasPrefix(b, []byte("XML:com.adobe.xmp\x00\x00")) {
				xmp = b
			}
		case "IEND":
			off = in.size
		}
		off += 12 + n
	}
	if f.Width == nil || !data {
		return broken("it holds no picture data")
	}
	if exifBlock != nil {
		readEXIF(exifBlock, f, true)
	}
	if i := bytes.IndexByte(xmp, '<'); i >= 0 {
		readXMP(xmp[i:], f)
	}
	return nil
}

// validPNGDepth follows table 11.1 of ISO/IEC 15948.
func validPNGDepth(depth, color byte) bool {
	switch color {
	case 0:
		return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16
	case 3:
		return depth == 1 || depth == 2 || depth == 4 || depth == 8
	case 2, 4, 6:
		return depth == 8 || depth == 16
	}
	return false
}

func pngProfile(b []byte) *string {
	i := bytes.IndexByte(b, 0)
	if i < 0 || i+2 > len(b) {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(b[i+2:]))
	if err != nil {
		return nil
	}
	p, _ := io.ReadAll(io.LimitReader(z, maxEXIFValue))
	return iccDescription(p)
}

// readGIF reads the logical screen; a frame has to follow it.
func readGIF(in *input, f *Facts) error {
	b, err := in.bytes(0, 14)
	if err != nil {
		return errTruncated
	}
	return f.setSize(int64(le.Uint16(b[6:])), int64(le.Uint16(b[8:])))
}

func isBMP(head []byte) bool {
	return len(head) >= 26 && string(head[:2]) == "BM" && (le.Uint32(head[14:]) == 12 || le.Uint32(head[14:]) >= 40 && le.Uint32(head[14:]) <= 124)
}

func readBMP(in *input, f *Facts) error {
	b, err := in.bytes(0, 26)
	if err != nil {
		return err
	}
	if le.Uint32(b[14:]) == 12 {
		return f.setSize(int64(le.Uint16(b[18:])), int64(le.Uint16(b[20:])))
	}
	h := int64(int32(le.Uint32(b[22:])))
	return f.setSize(int64(int32(le.Uint32(b[18:]))), max(h, -h)) // negative: rows from the top
}

func isTIFF(head []byte) bool {
	if len(head) < 8 {
		return false
	}
	s := string(head[:4])
	return s == "II*\x00" || s == "MM\x00*" || s == "II+\x00" || s == "MM\x00+"
}

// readTIFF reads the first picture's directory; its EXIF hangs below it.
func readTIFF(in *input, f *Facts) error {
	t, err := openTIFF(in.bytes)
	if err != nil {
		return err
	}
	const tagWidth, tagHeight, tagSubfile = 0x100, 0x101, 0xfe
	root, next := t.ifd(t.first)
	page := root
	// Camera formats put a thumbnail first and the picture behind it.
	for range 16 {
		kind, _ := t.uint(page[tagSubfile])
		if kind&1 == 0 || next == 0 {
			break
		}
		page, next = t.ifd(next)
	}
	w, ok1 := t.uint(page[tagWidth])
	h, ok2 := t.uint(page[tagHeight])
	if !ok1 || !ok2 {
		return broken("no picture in its first directory")
	}
	if err := f.setSize(int64(w), int64(h)); err != nil {
		return err
	}
	f.ColorProfile = iccDescription(root[tagICC].value)
	t.facts(root, f, true)
	readXMP(root[tagXMP].value, f)
	return nil
}

// readWebP reads the RIFF chunks of all three kinds (RFC 9649).
func readWebP(in *input, f *Facts) error {
	var exifBlock, xmp []byte
	off := int64(12)
	data := false
	for range 10_000 {
		head, err := in.bytes(off, 8)
		if err != nil {
			break
		}
		n := int64(le.Uint32(head[4:]))
		b := in.upTo(off+8, int(min(n, 16)))
		switch string(head[:4]) {
		case "VP8X":
			if len(b) < 10 {
				return errTruncated
			}
			if err := f.setSize(1+int64(uint24(b[4:])), 1+int64(uint24(b[7:]))); err != nil {
				return err
			}
		case "VP8 ":
			data = true
			if len(b) < 10 || b[3] != 0x9d || b[4] != 0x01 || b[5] != 0x2a {
				return broken("its picture data do not start as VP8 does")
			}
			if f.Width == nil {
				if err := f.setSize(int64(le.Uint16(b[6:])&0x3fff), int64(le.Uint16(b[8:])&0x3fff)); err != nil {
					return err
				}
			}
		case "VP8L":
			data = true
			if len(b) < 5 || b[0] != 0x2f {
				return broken("its picture data do not start as lossless VP8 does")
			}
			if v := le.Uint32(b[1:]); f.Width == nil {
				if err := f.setSize(1+int64(v&0x3fff), 1+int64(v>>14&0x3fff)); err != nil {
					return err
				}
			}
		case "ANMF":
			data = true
		case "EXIF":
			exifBlock = in.upTo(off+8, int(min(n, maxEXIFValue)))
		case "XMP ":
			xmp = in.upTo(off+8, int(min(n, 4<<20)))
		case "ICCP":
			f.ColorProfile = iccDescription(in.upTo(off+8, int(min(n, maxEXIFValue))))
		}
		off += 8 + n + n&1
	}
	if f.Width == nil || !data {
		return broken("it holds no picture data")
	}
	if exifBlock != nil {
		readEXIF(exifBlock, f, true)
	}
	readXMP(xmp, f)
	return nil
}

func uint24(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }

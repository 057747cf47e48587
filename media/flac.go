package media

import "math"

// readFLAC reads STREAMINFO (RFC 9639, 8.2) and finds the last frame, whose
// number says how much sound there really is.
func readFLAC(in *input, f *Facts) error {
	start := skipID3(in)
	info, err := in.bytes(start, 8+34)
	if err != nil || string(info[:4]) != "fLaC" {
		return broken("its first block is not a FLAC stream's")
	}
	if info[4]&0x7f != 0 {
		return broken("its first block is not the stream information")
	}
	s := info[8:]
	rate, channels, bits := flacFormat(s)
	if rate == 0 {
		return broken("it declares a sample rate of 0")
	}
	total := int64(be.Uint64(s[10:]) & (1<<36 - 1))
	f.AudioTracks = []AudioTrack{{Codec: "flac", Channels: channels, SampleRate: rate, BitsPerSample: ptr(bits)}}
	if total > 0 {
		f.HeaderDurationS = ptr(round(float64(total) / float64(rate)))
	}
	// Where the frames start, to tell a file without any.
	off := start + 4
	for last := false; !last; {
		head, err := in.bytes(off, 4)
		if err != nil {
			return broken("it ends inside its headers")
		}
		last = head[0]&0x80 != 0
		off += 4 + int64(be.Uint32(head)&0xffffff)
	}
	end := in.flacEnd(off, s, rate, channels, bits)
	switch {
	case end > 0 && total > 0 && end > total:
		end = total
	case end == 0 && off < in.size:
		end = total // frames nobody could number: what the header says is all there is
	}
	f.DurationS = ptr(round(float64(end) / float64(rate)))
	return nil
}

// flacFormat reads rate, channels and bits of a STREAMINFO body.
func flacFormat(s []byte) (rate, channels, bits int) {
	return int(be.Uint32(s[10:]) >> 12), int(s[12]>>1&7) + 1, int(s[12]&1)<<4 + int(s[13]>>4) + 1
}

// flacEnd returns the number of the sample behind the last frame, 0 when none is found.
func (in *input) flacEnd(start int64, info []byte, rate, channels, bits int) int64 {
	fixed := int64(be.Uint16(info))
	largest := int64(uint24BE(info[7:]))
	if largest == 0 {
		largest = int64(be.Uint16(info[2:])) * int64(channels) * int64(bits) / 8
	}
	look := min(max(2*largest+64, 64<<10), 1<<20)
	from := max(start, in.size-look)
	b := in.upTo(from, int(in.size-from))
	end := int64(0)
	for i := len(b) - 6; i >= 0; i-- {
		if b[i] != 0xff || b[i+1]&0xfe != 0xf8 {
			continue
		}
		if flacFits(b[i:], rate, channels, bits) {
			if e, ok := flacFrame(b[i:], fixed); ok {
				end = e
				break
			}
		}
	}
	return end
}

func uint24BE(b []byte) uint32 { return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2]) }

var (
	flacRates = [...]int{0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000}
	flacBits  = [...]int{0, 8, 12, 0, 16, 20, 24, 32}
)

// flacFits says that a frame header could be one of this stream: compressed sound
// holds what looks like a header now and then.
func flacFits(b []byte, rate, channels, bits int) bool {
	assigned := int(b[3]>>4) + 1
	if assigned > 8 {
		assigned = 2
	}
	r, depth := int(b[2]&15), flacBits[b[3]>>1&7]
	return assigned == channels && (depth == 0 || depth == bits) && (r == 0 || r >= len(flacRates) || flacRates[r] == rate)
}

// flacFrame reads a frame header (RFC 9639, 9.1), checked by its CRC-8, and returns
// the number of the sample behind the frame.
func flacFrame(b []byte, fixed int64) (end int64, ok bool) {
	if b[3]&1 != 0 || b[2]>>4 == 0 || b[2]&15 == 15 || b[3]>>4 > 10 {
		return 0, false
	}
	number, n := flacNumber(b[4:])
	if n == 0 {
		return 0, false
	}
	at := 4 + n
	extra := func(bytes int) int64 {
		if at+bytes > len(b) {
			return -1
		}
		v := int64(0)
		for range bytes {
			v = v<<8 | int64(b[at])
			at++
		}
		return v
	}
	var size int64
	switch code := b[2] >> 4; {
	case code == 1:
		size = 192
	case code <= 5:
		size = 576 << (code - 2)
	case code == 6:
		size = extra(1) + 1
	case code == 7:
		size = extra(2) + 1
	default:
		size = 256 << (code - 8)
	}
	switch b[2] & 15 {
	case 12:
		extra(1)
	case 13, 14:
		extra(2)
	}
	if at >= len(b) || size <= 0 || crc8(b[:at]) != b[at] {
		return 0, false
	}
	if b[1]&1 == 0 { // fixed block size: the number counts frames
		return number*fixed + size, true
	}
	return number + size, true
}

// flacNumber reads the UTF-8-like coded number of a frame.
func flacNumber(b []byte) (v int64, n int) {
	first := b[0]
	n = 1
	for mask := byte(0x80); first&mask != 0 && mask > 1; mask >>= 1 {
		n++
	}
	if first&0x80 == 0 {
		return int64(first), 1
	}
	n-- // the leading ones count all bytes
	if n < 2 || n > 7 || n > len(b) {
		return 0, 0
	}
	v = int64(first & (0x7f >> n))
	for _, c := range b[1:n] {
		if c&0xc0 != 0x80 {
			return 0, 0
		}
		v = v<<6 | int64(c&0x3f)
	}
	if v > math.MaxInt64>>20 {
		return 0, 0
	}
	return v, n
}

func crc8(b []byte) (crc byte) {
	for _, c := range b {
		crc ^= c
		for range 8 {
			if crc&0x80 != 0 {
				crc = crc<<1 ^ 7
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

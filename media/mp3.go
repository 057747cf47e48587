package media

import "bytes"

// skipID3 returns where an ID3v2 tag, or several, end (id3.org, ID3v2.4 3.1). The
// size is only an offset: nothing of the tag is read into memory.
func skipID3(in *input) int64 {
	off := int64(0)
	for range 8 {
		h := in.upTo(off, 10)
		if len(h) < 10 || string(h[:3]) != "ID3" || (h[6]|h[7]|h[8]|h[9])&0x80 != 0 {
			break
		}
		off += 10 + int64(h[6])<<21 + int64(h[7])<<14 + int64(h[8])<<7 + int64(h[9])
		if h[5]&0x10 != 0 {
			off += 10
		}
	}
	return min(off, in.size)
}

// mpegFrame is an MPEG audio frame header (ISO/IEC 11172-3, 2.4.1.3).
type mpegFrame struct {
	version  int // 1, 2, or 3 for 2.5
	layer    int
	bitrate  int // bits a second
	rate     int // Hz
	channels int
	size     int // bytes
	samples  int
}

var (
	mpegBitrates = [2][4][16]int{ // kbit/s by version 1 and 2, layer
		{{}, {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448}, {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384}, {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}},
		{{}, {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256}, {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}, {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}},
	}
	mpegRates = [3]int{44100, 48000, 32000}
)

func parseMPEG(b []byte) (f mpegFrame, ok bool) {
	if len(b) < 4 || b[0] != 0xff || b[1]&0xe0 != 0xe0 {
		return f, false
	}
	switch b[1] >> 3 & 3 {
	case 3:
		f.version = 1
	case 2:
		f.version = 2
	case 0:
		f.version = 3
	default:
		return f, false
	}
	f.layer = 4 - int(b[1]>>1&3)
	bitrate, rate := int(b[2]>>4), int(b[2]>>2&3)
	if f.layer == 4 || bitrate == 0 || bitrate == 15 || rate == 3 || b[3]&3 == 2 {
		return f, false
	}
	f.bitrate = mpegBitrates[min(f.version, 2)-1][f.layer][bitrate] * 1000
	f.rate = mpegRates[rate] >> (f.version - 1)
	f.channels = 2
	if b[3]>>6 == 3 {
		f.channels = 1
	}
	padding := int(b[2] >> 1 & 1)
	switch {
	case f.layer == 1:
		f.samples = 384
		f.size = (12*f.bitrate/f.rate + padding) * 4
	case f.layer == 3 && f.version > 1:
		f.samples = 576
		f.size = 72*f.bitrate/f.rate + padding
	default:
		f.samples = 1152
		f.size = 144*f.bitrate/f.rate + padding
	}
	return f, f.size > 4
}

// like says that two frames can belong to one stream.
func (f mpegFrame) like(g mpegFrame) bool {
	return f.version == g.version && f.layer == g.layer && f.rate == g.rate
}

// isMP3 leaves out layer I with a checksum: its first bytes are also those of
// every UTF-16 text, and nobody records in it.
func isMP3(head []byte) bool {
	_, ok := parseMPEG(head)
	return ok && head[1] != 0xfe
}

// firstMPEG finds the first frame that is followed by another of its kind.
func firstMPEG(in *input, from int64) (off int64, f mpegFrame, ok bool) {
	b := in.upTo(from, 128<<10)
	for i := 0; i+4 <= len(b); i++ {
		n := bytes.IndexByte(b[i:], 0xff)
		if n < 0 {
			break
		}
		i += n
		f, ok := parseMPEG(b[i:])
		if !ok {
			continue
		}
		off := from + int64(i)
		if off+int64(f.size) == in.size {
			return off, f, true
		}
		if g, ok := parseMPEG(in.upTo(off+int64(f.size), 4)); ok && f.like(g) {
			return off, f, true
		}
	}
	return 0, mpegFrame{}, false
}

// readMP3 reads MPEG audio of all layers: a constant bit rate from its size, a
// variable one from its Xing or VBRI header when that agrees with the file, and
// frame by frame otherwise.
func readMP3(in *input, f *Facts) error {
	off, first, ok := firstMPEG(in, skipID3(in))
	if !ok {
		return broken("no two MPEG audio frames follow each other in it")
	}
	codec := [...]string{"", "mp1", "mp2", "mp3"}[first.layer]
	f.AudioTracks = []AudioTrack{{Codec: codec, Channels: first.channels, SampleRate: first.rate}}
	if codec != "mp3" {
		f.Format = codec
	}
	end := in.size
	if tag := in.upTo(in.size-128, 3); string(tag) == "TAG" {
		end -= 128
	}
	seconds := func(frames int64) float64 { return float64(frames) * float64(first.samples) / float64(first.rate) }

	frames, bytes, variable := xing(in, off, first)
	if frames > 0 {
		f.HeaderDurationS = ptr(round(seconds(frames)))
		off += int64(first.size)
		// A header copied onto other data, or a file cut short, is counted instead.
		if bytes > 0 && bytes <= end-off+int64(first.size)+1024 && bytes > (end-off)*9/10 {
			f.DurationS = f.HeaderDurationS
			return nil
		}
	}
	if !variable && in.constantBitrate(off, end, first) {
		f.DurationS = ptr(round(float64(end-off) * 8 / float64(first.bitrate)))
		return nil
	}
	f.DurationS = ptr(round(seconds(in.countMPEG(off, end, first))))
	return nil
}

// xing reads the header frame of LAME and others, or Fraunhofer's VBRI.
func xing(in *input, off int64, f mpegFrame) (frames, size int64, variable bool) {
	b := in.upTo(off, min(f.size, 200))
	side := 36
	switch {
	case f.version == 1 && f.channels == 1, f.version > 1 && f.channels == 2:
		side = 21
	case f.version > 1:
		side = 13
	}
	if len(b) >= side+16 && (string(b[side:side+4]) == "Xing" || string(b[side:side+4]) == "Info") {
		flags, at := b[side+7], side+8
		if flags&1 != 0 {
			frames = int64(be.Uint32(b[at:]))
			at += 4
		}
		if flags&2 != 0 && at+4 <= len(b) {
			size = int64(be.Uint32(b[at:]))
		}
		return frames, size, b[side] == 'X'
	}
	if len(b) >= 54 && string(b[36:40]) == "VBRI" {
		return int64(be.Uint32(b[50:])), int64(be.Uint32(b[46:])), true
	}
	return 0, 0, false
}

// constantBitrate looks at frames at the start, in the middle and near the end.
func (in *input) constantBitrate(off, end int64, first mpegFrame) bool {
	if end-off < 512<<10 {
		return false // small enough to count
	}
	for _, part := range []int64{0, 1, 2, 3} {
		at := off + (end-off)*part/4
		if part > 0 {
			next, f, ok := firstMPEG(in, at)
			if !ok || !f.like(first) {
				return false
			}
			at = next
		}
		for range 64 {
			f, ok := parseMPEG(in.upTo(at, 4))
			if !ok {
				break
			}
			if f.bitrate != first.bitrate {
				return false
			}
			at += int64(f.size)
		}
	}
	return true
}

// countMPEG counts the frames between off and end that are all there, stepping
// over what is no frame.
func (in *input) countMPEG(off, end int64, first mpegFrame) (frames int64) {
	b := make([]byte, 0, 1<<20)
	start := off // of b
	for off+4 <= end {
		if i := off - start; i < 0 || i+4 > int64(len(b)) {
			n, _ := in.r.ReadAt(b[:cap(b)], off)
			if n < 4 {
				break
			}
			b, start = b[:n], off
		}
		f, ok := parseMPEG(b[off-start:])
		if !ok || !f.like(first) {
			off++
			continue
		}
		if off+int64(f.size) > end {
			break
		}
		frames++
		off += int64(f.size)
	}
	return frames
}

// isADTS matches raw AAC (ISO/IEC 13818-7, 6.2): layer bits 0, which MP3 never has.
func isADTS(head []byte) bool {
	return len(head) >= 7 && head[0] == 0xff && head[1]&0xf6 == 0xf0 && head[2]>>2&15 < 13 && adtsSize(head) > 7
}

func adtsSize(b []byte) int { return int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5])>>5 }

// readADTS counts the frames of raw AAC.
func readADTS(in *input, f *Facts) error {
	off := skipID3(in)
	var rate, channels int
	blocks := int64(0)
	b := make([]byte, 0, 1<<20)
	start := off
	for off+7 <= in.size {
		if i := off - start; i+7 > int64(len(b)) {
			n, _ := in.r.ReadAt(b[:cap(b)], off)
			if n < 7 {
				break
			}
			b, start = b[:n], off
		}
		h := b[off-start:]
		if !isADTS(h) || off+int64(adtsSize(h)) > in.size {
			break
		}
		if blocks == 0 {
			rate, channels = aacRates[h[2]>>2&15], int(h[2]&1)<<2|int(h[3]>>6)
		}
		blocks += int64(h[6]&3) + 1
		off += int64(adtsSize(h))
	}
	if blocks < 2 {
		return broken("no two AAC frames follow each other in it")
	}
	if channels == 7 {
		channels = 8
	}
	f.AudioTracks = []AudioTrack{{Codec: "aac", Channels: channels, SampleRate: rate}}
	f.DurationS = ptr(round(float64(blocks) * 1024 / float64(rate)))
	return nil
}

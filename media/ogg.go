package media

import "bytes"

// readOgg reads the first pages for the codec (RFC 3533, RFC 7845, Vorbis I 4.2)
// and the last one for the end of the sound.
func readOgg(in *input, f *Facts) error {
	var track AudioTrack
	var serial uint32
	var skip int64
	found := false
	off := int64(0)
	for range 16 {
		page, err := in.bytes(off, 27)
		if err != nil || string(page[:4]) != "OggS" {
			break
		}
		if page[5]&2 == 0 {
			break // the pages that begin streams come first
		}
		table, err := in.bytes(off+27, int(page[26]))
		if err != nil {
			break
		}
		length := int64(0)
		for _, n := range table {
			length += int64(n)
		}
		body := in.upTo(off+27+int64(len(table)), int(min(length, 128)))
		off += 27 + int64(len(table)) + length
		if bytes.HasPrefix(body, []byte("\x80theora")) && len(body) >= 26 {
			f.Kind = KindVideo
			f.VideoCodec = ptr("theora")
			if err := f.setSize(int64(uint24BE(body[14:])), int64(uint24BE(body[17:]))); err != nil {
				return err
			}
			if den := be.Uint32(body[26:]); len(body) >= 30 && den > 0 {
				f.FrameRate = ptr(roundTo(float64(be.Uint32(body[22:]))/float64(den), 1e4))
			}
			f.Rotation, f.CaptionTracks = ptr(0), ptr(0)
			continue
		}
		if found {
			continue
		}
		t, pre, ok := oggCodec(body)
		if ok {
			found, track, skip, serial = true, t, pre, le.Uint32(page[14:])
		}
	}
	if !found {
		return broken("it holds no Vorbis, Opus, FLAC or Speex sound")
	}
	if track.Channels == 0 || track.SampleRate == 0 {
		return broken("it declares %d channels at %d Hz", track.Channels, track.SampleRate)
	}
	f.AudioTracks = []AudioTrack{track}
	first, last := in.oggEnds(off, serial)
	samples := max(0, last-skip)
	if first > int64(60*track.SampleRate) {
		samples = max(0, last-first) // cut out of a longer stream: its clock did not start at zero
	}
	f.DurationS = ptr(round(float64(samples) / float64(track.SampleRate)))
	return nil
}

// oggCodec reads a codec's identification header; skip is what a player drops at the start.
func oggCodec(b []byte) (t AudioTrack, skip int64, ok bool) {
	switch {
	case bytes.HasPrefix(b, []byte("OpusHead")) && len(b) >= 19:
		return AudioTrack{Codec: "opus", Channels: int(b[9]), SampleRate: 48000}, int64(le.Uint16(b[10:])), true
	case bytes.HasPrefix(b, []byte("\x01vorbis")) && len(b) >= 30:
		return AudioTrack{Codec: "vorbis", Channels: int(b[11]), SampleRate: int(le.Uint32(b[12:]))}, 0, true
	case bytes.HasPrefix(b, []byte("\x7fFLAC")) && len(b) >= 51:
		rate, channels, bits := flacFormat(b[17:])
		return AudioTrack{Codec: "flac", Channels: channels, SampleRate: rate, BitsPerSample: ptr(bits)}, 0, true
	case bytes.HasPrefix(b, []byte("Speex   ")) && len(b) >= 52:
		return AudioTrack{Codec: "speex", Channels: int(le.Uint32(b[48:])), SampleRate: int(le.Uint32(b[36:]))}, 0, true
	}
	return AudioTrack{}, 0, false
}

// oggEnds returns the stream's first and last sample positions.
func (in *input) oggEnds(off int64, serial uint32) (first, last int64) {
	scan := func(b []byte, stopAtFirst bool) (position int64) {
		position = -1
		for i := bytes.Index(b, []byte("OggS")); i >= 0 && i+27 <= len(b); {
			p := int64(le.Uint64(b[i+6:]))
			if b[i+4] == 0 && le.Uint32(b[i+14:]) == serial && p >= 0 {
				position = p
				if stopAtFirst && p > 0 {
					return position
				}
			}
			next := bytes.Index(b[i+4:], []byte("OggS"))
			if next < 0 {
				break
			}
			i += 4 + next
		}
		return position
	}
	first = scan(in.upTo(off, 128<<10), true)
	for look := int64(128 << 10); ; look *= 4 {
		from := max(off, in.size-look)
		if last = scan(in.upTo(from, int(in.size-from)), false); last >= 0 || from == off || look > 4<<20 {
			return first, last
		}
	}
}

package media

import (
	"bufio"
	"errors"
	"io"

	"github.com/hajimehoshi/go-mp3"
	"github.com/mewkiz/flac"

	"github.com/humandispatch/humandispatch/media/internal/sound"
)

// Correlation says how alike two channels are, 0 to 1: over 0.95 they are the
// same recording, whatever its gain and up to five seconds apart.
func Correlation(a, b ChannelSignals) float64 {
	return sound.Correlate(a.Fingerprint, b.Fingerprint)
}

// maxChannels bounds the channels that are measured one by one.
const maxChannels = 64

// measureSound decodes the first audio track and measures it.
func measureSound(in *input, req request, f *Facts) error {
	track := f.AudioTracks[0]
	if track.Channels < 1 || track.Channels > maxChannels || track.SampleRate < 1000 {
		return leave("%d channels at %d Hz cannot be measured", track.Channels, track.SampleRate)
	}
	decode, err := decoderFor(in, req, f)
	if err != nil {
		return err
	}
	var m *sound.Meter
	err = decode(func(channels, rate, bits int, samples []float32) {
		if m == nil {
			m = sound.NewMeter(channels, rate, bits)
		}
		m.Add(samples)
	})
	if err != nil {
		return err
	}
	if m == nil {
		m = sound.NewMeter(track.Channels, track.SampleRate, 0)
	}
	r := m.Result()
	s := &AudioSignals{
		Loudness: r.Loudness, SilentShare: r.SilentShare, ClippedShare: r.ClippedShare, NoiseFloor: r.NoiseFloor, Peak: r.Peak,
	}
	for _, c := range r.Channels {
		s.Channels = append(s.Channels, ChannelSignals(c))
	}
	f.Signals.Audio = s
	return nil
}

// deliver takes interleaved samples between -1 and 1.
type deliver func(channels, rate, bits int, samples []float32)

// decoder streams a file's sound into deliver.
type decoder func(deliver) error

// decoderFor chooses how to decode: plain samples and FLAC and MP3 here, the rest by ffmpeg.
func decoderFor(in *input, req request, f *Facts) (decoder, error) {
	var scratch Facts
	codec := f.AudioTracks[0].Codec
	switch f.Format {
	case "wav":
		d, err := openWAV(in, &scratch)
		if err != nil {
			return nil, err
		}
		if d.bits > 0 {
			return d.decodeFrom(in), nil
		}
		return ffmpegFile(in, req, "wav", codec), nil
	case "aiff":
		d, err := openAIFF(in, &scratch)
		if err != nil {
			return nil, err
		}
		if d.bits > 0 {
			return d.decodeFrom(in), nil
		}
		return ffmpegFile(in, req, "aiff", codec), nil
	case "flac":
		return decodeFLAC(in), nil
	case "mp3":
		return decodeMP3(in, req, f.AudioTracks[0]), nil
	case "mp1", "mp2":
		return ffmpegFile(in, req, "mp3", codec), nil
	case "aac":
		return ffmpegFile(in, req, "aac", codec), nil
	case "ogg":
		return ffmpegFile(in, req, "ogg", codec), nil
	case "webm", "mkv":
		return ffmpegFile(in, req, "matroska", codec), nil
	}
	m, err := openMovie(in, &scratch)
	if err != nil {
		return nil, err
	}
	t := m.audible()
	if t == nil {
		return nil, leave("there is no sound track")
	}
	if t.entry.frameBytes > 0 {
		return t.decodePCM(in), nil
	}
	return ffmpegTrack(in, req, t), nil
}

// pcmBuffer is how many bytes of plain samples are read at a time.
const pcmBuffer = 256 << 10

func (d pcmData) decodeFrom(in *input) decoder {
	return func(out deliver) error {
		frame := d.channels * d.bytes()
		buf := make([]byte, max(1, pcmBuffer/frame)*frame)
		samples := make([]float32, len(buf)/d.bytes())
		r := in.section(d.off, d.n)
		for {
			n, err := io.ReadFull(r, buf)
			n -= n % frame
			if n > 0 {
				out(d.channels, d.rate, d.depth(), samples[:d.decode(buf[:n], samples)])
			}
			if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
				return nil
			}
			if err != nil {
				return err
			}
		}
	}
}

// depth is the width that decides what full scale is; floats have none.
func (p pcmLayout) depth() int {
	if p.float || p.law != 0 {
		return 0
	}
	return p.bits
}

// decodePCM reads plain sound out of the chunks of a film.
func (t *track) decodePCM(in *input) decoder {
	return func(out deliver) error {
		e := t.entry
		samples := make([]float32, pcmBuffer)
		buf := make([]byte, pcmBuffer)
		emit := func(off, n int64) error {
			for n >= int64(e.frameBytes) && off < in.size {
				part := buf[:min(n, int64(len(buf)), in.size-off)]
				part = part[:len(part)-len(part)%e.frameBytes]
				if len(part) == 0 {
					return nil
				}
				if _, err := in.r.ReadAt(part, off); err != nil && err != io.EOF {
					return err
				}
				out(e.channels, e.rate, e.pcm.depth(), samples[:e.pcm.decode(part, samples)])
				off, n = off+int64(len(part)), n-int64(len(part))
			}
			return nil
		}
		for _, p := range t.packets {
			if err := emit(p.off, int64(p.size)); err != nil {
				return err
			}
		}
		var failed error
		chunks := t.tables.chunks(in)
		chunks.each(func(chunk, first, n int64) bool {
			if first >= t.samples {
				return false
			}
			failed = emit(chunks.offset(chunk), min(n, t.samples-first)*int64(e.frameBytes))
			return failed == nil
		})
		return failed
	}
}

func decodeFLAC(in *input) decoder {
	return func(out deliver) error {
		start := skipID3(in)
		stream, err := flac.New(bufio.NewReaderSize(in.section(start, in.size-start), 256<<10))
		if err != nil {
			return broken("its headers cannot be decoded: %v", err)
		}
		var samples []float32
		frames := 0
		for {
			frame, err := stream.ParseNext()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				if frames > 0 && errors.Is(err, io.ErrUnexpectedEOF) {
					return nil // cut off in the last frame; the duration says so
				}
				return broken("its sound cannot be decoded after frame %d: %v", frames, err)
			}
			frames++
			channels := len(frame.Subframes)
			bits := int(stream.Info.BitsPerSample)
			scale := float32(1) / float32(uint64(1)<<(bits-1))
			n := frame.Subframes[0].NSamples
			if need := n * channels; cap(samples) < need {
				samples = make([]float32, need)
			}
			samples = samples[:n*channels]
			for ch, sub := range frame.Subframes {
				if len(sub.Samples) < n {
					return broken("its channels differ in length")
				}
				for i, v := range sub.Samples[:n] {
					samples[i*channels+ch] = float32(v) * scale
				}
			}
			out(channels, int(stream.Info.SampleRate), bits, samples)
		}
	}
}

// decodeMP3 hands the frames, without any tag, to the MP3 library. It gives two
// channels also for one.
func decodeMP3(in *input, req request, track AudioTrack) decoder {
	return func(out deliver) error {
		off, first, ok := firstMPEG(in, skipID3(in))
		if !ok {
			return broken("no MPEG audio frame in it")
		}
		if first.version == 3 {
			return ffmpegFile(in, req, "mp3", "mp3")(out)
		}
		if frames, _, _ := xing(in, off, first); frames > 0 {
			off += int64(first.size) // the header frame holds no sound
		}
		// Only a reader: given a seeker, the library reads the file twice.
		d, err := mp3.NewDecoder(struct{ io.Reader }{bufio.NewReaderSize(in.section(off, in.size-off), 64<<10)})
		if err != nil {
			return broken("its sound cannot be decoded: %v", err)
		}
		buf := make([]byte, 1152*4*8)
		samples := make([]float32, len(buf)/2)
		for {
			n, err := io.ReadFull(d, buf)
			count := pcmLayout{bits: 16, little: true}.decode(buf[:n-n%4], samples)
			if track.Channels == 1 {
				for i := range count / 2 {
					samples[i] = samples[2*i]
				}
				count /= 2
			}
			if count > 0 {
				out(track.Channels, track.SampleRate, 16, samples[:count])
			}
			switch {
			case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF):
				return nil
			case err != nil:
				return broken("its sound cannot be decoded: %v", err)
			}
		}
	}
}

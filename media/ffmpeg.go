package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// ffmpeg decodes what no Go decoder here does. It gets bytes on a pipe, never a
// path, with one demuxer and the pipe protocol allowed: a file that is really a
// list of other files opens none of them. It runs inside the child's limits.

// maxPiped is the most that is sent through ffmpeg, in bytes: sound of hours, but
// not the pictures of a long film around it.
const maxPiped = 1 << 30

// ffmpegFile decodes a whole file whose container can be read as a stream.
func ffmpegFile(in *input, req request, container, codec string) decoder {
	return func(out deliver) error {
		if in.size > maxPiped {
			return leave("%s sound in a file over %d MB is not decoded", codec, maxPiped>>20)
		}
		return runFFmpeg(req, container, codec, in.section(0, in.size), out)
	}
}

// ffmpegTrack decodes one track of a film: its packets are taken out here and
// sent as a bare stream.
func ffmpegTrack(in *input, req request, t *track) decoder {
	return func(out deliver) error {
		e := t.entry
		container := map[string]string{"aac": "aac", "ac3": "ac3", "eac3": "eac3", "mp3": "mp3"}[e.codec]
		if container == "" {
			r, err := indexFirst(in)
			if err != nil {
				return leave("its %s sound cannot be sent through ffmpeg: %v", e.codec, err)
			}
			return runFFmpeg(req, "mov", e.codec, r, out)
		}
		head := func(int) []byte { return nil }
		if e.codec == "aac" {
			var ok bool
			if head, ok = adtsHeader(e); !ok {
				return leave("no decoder for AAC with %d channels at %d Hz", e.channels, e.rate)
			}
		}
		packets, w := io.Pipe()
		go func() {
			var err error
			t.each(in, maxTable, func(p packet) bool {
				b := make([]byte, p.size)
				if _, err = in.r.ReadAt(b, p.off); err != nil {
					return false
				}
				if _, err = w.Write(append(head(p.size), b...)); err != nil {
					return false
				}
				return true
			})
			w.CloseWithError(err)
		}()
		defer packets.Close()
		return runFFmpeg(req, container, e.codec, packets, out)
	}
}

// indexFirst streams an MP4 file with its index before its media, as a reader
// that cannot seek needs it, the chunk offsets moved along.
func indexFirst(in *input) (io.Reader, error) {
	const maxIndex = 16 << 20
	top, _ := in.children(box{start: 0, end: in.size})
	moov, mdat := top["moov"], top["mdat"]
	if in.size > maxPiped || moov.size() > maxIndex {
		return nil, broken("the file is too large")
	}
	if moov.start < mdat.start {
		return in.section(0, in.size), nil
	}
	index := binary.BigEndian.AppendUint32(nil, uint32(moov.size()+8))
	index = append(append(index, "moov"...), in.upTo(moov.start, int(moov.size()))...)
	if int64(len(index)) != moov.size()+8 {
		return nil, errTruncated
	}
	moved := newInput(bytes.NewReader(slices.Clone(index)), int64(len(index)))
	var visit func(b box) error
	visit = func(b box) error {
		switch b.name {
		case "moov", "trak", "mdia", "minf", "stbl":
			return moved.boxes(b.start, b.end, visit)
		case "stco":
			for t, i := tableOf(moved, b, 4, 4), int64(0); i < t.n; i++ {
				p := index[t.start+4*i:]
				be.PutUint32(p, be.Uint32(p)+uint32(len(index)))
			}
		case "co64":
			for t, i := tableOf(moved, b, 4, 8), int64(0); i < t.n; i++ {
				p := index[t.start+8*i:]
				be.PutUint64(p, be.Uint64(p)+uint64(len(index)))
			}
		}
		return nil
	}
	if err := moved.boxes(0, moved.size, visit); err != nil {
		return nil, err
	}
	return io.MultiReader(bytes.NewReader(index), in.section(0, in.size)), nil
}

// adtsHeader writes the frame header of ISO/IEC 13818-7, 6.2.1, as AAC-LC: the
// core of HE-AAC too, whose extension the decoder finds by itself.
func adtsHeader(e sampleEntry) (func(size int) []byte, bool) {
	core := e.rate
	if e.coreRate > 0 {
		core = e.coreRate
	}
	rate := slices.Index(aacRates[:], core)
	channels := e.coreChannels
	if channels == 0 {
		channels = e.channels
	}
	if channels == 8 {
		channels = 7
	}
	if rate < 0 || channels > 7 {
		return nil, false
	}
	return func(size int) []byte {
		n := size + 7
		return []byte{
			0xff, 0xf1, 1<<6 | byte(rate)<<2 | byte(channels>>2), byte(channels&3)<<6 | byte(n>>11),
			byte(n >> 3), byte(n&7)<<5 | 0x1f, 0xfc,
		}
	}, true
}

// whitelist has the demuxer names a container's -f goes by.
var whitelist = map[string]string{
	"aac": "aac", "ac3": "ac3", "eac3": "eac3", "mp3": "mp3", "wav": "wav", "aiff": "aiff", "ogg": "ogg",
	"matroska": "matroska,webm", "mov": "mov,mp4,m4a,3gp,3g2,mj2",
}

// runFFmpeg sends r through ffmpeg and takes the samples from the WAV stream it writes,
// whose header says channels and rate as decoded.
func runFFmpeg(req request, container, codec string, r io.Reader, out deliver) error {
	if req.FFmpeg == "" {
		return leave("%s sound needs ffmpeg, which is not installed here", codec)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(max(req.Seconds-4, 3))*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, req.FFmpeg,
		"-v", "error", "-nostdin", "-protocol_whitelist", "pipe", "-format_whitelist", whitelist[container],
		"-f", container, "-i", "pipe:0", "-map", "0:a:0", "-vn", "-sn", "-dn", "-threads", "1",
		"-c:a", "pcm_f32le", "-f", "wav", "-bitexact", "pipe:1")
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.SysProcAttr = dieWithParent()
	cmd.Stdin = r
	cmd.WaitDelay = time.Second
	var said bytes.Buffer
	cmd.Stderr = &limitedWriter{&said, 512}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return leave("%s sound needs ffmpeg, which cannot be started: %v", codec, err)
	}
	got, err := readFloats(pipe, out)
	_, _ = io.Copy(io.Discard, pipe)
	waited := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return leave("decoding its %s sound took too long", codec)
	case got == 0 && (err != nil || waited != nil):
		line, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
		return leave("ffmpeg could not decode its %s sound: %s", codec, line)
	}
	return nil
}

// readFloats reads the WAV stream ffmpeg writes and returns the samples it held.
func readFloats(r io.Reader, out deliver) (samples int64, err error) {
	head := make([]byte, 12)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, err
	}
	channels, rate := 0, 0
	for {
		if _, err := io.ReadFull(r, head[:8]); err != nil {
			return 0, err
		}
		n := int64(binary.LittleEndian.Uint32(head[4:]))
		if string(head[:4]) == "data" {
			break
		}
		body := make([]byte, min(n+n&1, 4096))
		if _, err := io.ReadFull(r, body); err != nil {
			return 0, err
		}
		if string(head[:4]) == "fmt " && len(body) >= 16 {
			channels, rate = int(le.Uint16(body[2:])), int(le.Uint32(body[4:]))
		}
	}
	if channels < 1 || channels > maxChannels || rate < 1000 {
		return 0, broken("%d channels at %d Hz", channels, rate)
	}
	layout := pcmLayout{bits: 32, little: true, float: true}
	buf := make([]byte, 4*channels*8192)
	floats := make([]float32, len(buf)/4)
	for {
		n, err := io.ReadFull(r, buf)
		n -= n % (4 * channels)
		if n > 0 {
			out(channels, rate, 0, floats[:layout.decode(buf[:n], floats)])
			samples += int64(n / 4)
		}
		if n < len(buf) { // the end, or ffmpeg's: its own exit says which
			return samples, err
		}
	}
}

// limitedWriter keeps the first bytes and drops the rest.
type limitedWriter struct {
	b    *bytes.Buffer
	left int
}

func (w *limitedWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.left)
	w.b.Write(p[:n])
	w.left -= n
	return len(p), nil
}

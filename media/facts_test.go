package media

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/humandispatch/humandispatch/media/mediatest"
)

// facts reads b in this process.
func facts(t testing.TB, b []byte) Facts {
	t.Helper()
	f := read(newInput(bytes.NewReader(b), int64(len(b))), request{})
	if !f.OK {
		t.Fatalf("unreadable: %s", f.Error.Message)
	}
	return f
}

func value[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func TestPicturesOfEveryFormat(t *testing.T) {
	t.Parallel()
	photo := mediatest.Photo{Width: 40, Height: 30, Orientation: 6}
	exif := exifOf(t, photo)
	tests := map[string]struct {
		file          []byte
		format        string
		w, h          int
		displayWidth  int
		orientation   any
		bytesToReadIn int64
	}{
		"jpeg":        {mediatest.JPEG(photo), "jpeg", 40, 30, 30, 6, 0},
		"png":         {mediatest.PNG(photo), "png", 40, 30, 30, 6, 0},
		"png 16 bit":  {encoded(t, "png16", 21, 9), "png", 21, 9, 21, nil, 0},
		"gif":         {encoded(t, "gif", 21, 9), "gif", 21, 9, 21, nil, 0},
		"bmp":         {encoded(t, "bmp", 21, 9), "bmp", 21, 9, 21, nil, 0},
		"tiff":        {encoded(t, "tiff", 21, 9), "tiff", 21, 9, 21, nil, 0},
		"bigtiff":     {sampleBigTIFF(21, 9), "tiff", 21, 9, 9, 6, 0},
		"webp":        {sampleWebP(300, 200, exif), "webp", 300, 200, 200, 6, 0},
		"heic":        {sampleHEIF("heic", 4032, 3024, 0, exif), "heic", 4032, 3024, 4032, 6, 0},
		"heic turned": {sampleHEIF("heic", 4032, 3024, 3, exif), "heic", 4032, 3024, 3024, 6, 0},
		"avif":        {sampleHEIF("avif", 64, 48, 1, exif), "avif", 64, 48, 48, 6, 0},
	}
	for name, want := range tests {
		f := facts(t, want.file)
		if f.Kind != KindPhoto || f.Format != want.format || *f.Width != want.w || *f.Height != want.h ||
			*f.DisplayWidth != want.displayWidth || value(f.Orientation) != want.orientation {
			t.Errorf("%s: %s %s %v x %v shown %v wide, orientation %v", name, f.Kind, f.Format, *f.Width, *f.Height, *f.DisplayWidth, value(f.Orientation))
		}
	}
}

func TestOrientationsTurnTheDisplay(t *testing.T) {
	t.Parallel()
	for o := 1; o <= 8; o++ {
		f := facts(t, mediatest.JPEG(mediatest.Photo{Width: 40, Height: 30, Orientation: o}))
		want := 40
		if o >= 5 {
			want = 30
		}
		if *f.Orientation != o || *f.DisplayWidth != want {
			t.Errorf("orientation %d: %d, shown %d wide", o, *f.Orientation, *f.DisplayWidth)
		}
	}
}

func TestCaptureFactsOfAPhoto(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 4, 23, 30, 0, 0, time.FixedZone("", 2*3600))
	p := mediatest.Photo{
		Width: 16, Height: 16, CapturedAt: at, GPS: &mediatest.Position{Lat: -33.8568, Lng: 151.2153}, Make: "Acme", Model: "One", ColorProfile: "Display P3",
	}
	for name, file := range map[string][]byte{
		"jpeg": mediatest.JPEG(p), "png": mediatest.PNG(p), "webp": sampleWebP(30, 20, exifOf(t, p)), "heic": sampleHEIF("heic", 30, 20, 0, exifOf(t, p)),
	} {
		f := facts(t, file)
		if value(f.CapturedAt) != "2026-05-04T23:30:00" || value(f.CapturedAtOffset) != "+02:00" || value(f.Camera) != "Acme One" {
			t.Errorf("%s: %v %v %v", name, value(f.CapturedAt), value(f.CapturedAtOffset), value(f.Camera))
		}
		if f.GPSTime == nil || !f.GPSTime.Equal(at) {
			t.Errorf("%s: time of the fix %v", name, f.GPSTime)
		}
		if g := f.GPS; g == nil || math.Abs(g.Lat+33.8568) > 1e-6 || math.Abs(g.Lng-151.2153) > 1e-6 || g.Source != "exif" {
			t.Errorf("%s: position %+v", name, g)
		}
	}
	if f := facts(t, mediatest.JPEG(p)); value(f.ColorProfile) != "Display P3" {
		t.Errorf("profile %v", value(f.ColorProfile))
	}
	p.NoOffset, p.NoGPSTime = true, true
	if f := facts(t, mediatest.JPEG(p)); f.CapturedAtOffset != nil || f.GPSTime != nil || f.CapturedAt == nil {
		t.Errorf("offset %v, fix %v", value(f.CapturedAtOffset), f.GPSTime)
	}
}

func TestPositionThatIsNoneIsNotInvented(t *testing.T) {
	t.Parallel()
	good := exifOf(t, mediatest.Photo{GPS: &mediatest.Position{Lat: 43.65, Lng: -79.38}})
	replaced := func(old, new string) []byte {
		if !bytes.Contains(good, []byte(old)) {
			t.Fatalf("%q is not in the block", old)
		}
		return bytes.Replace(slices.Clone(good), []byte(old), []byte(new), 1)
	}
	for name, block := range map[string][]byte{
		"null island":      exifOf(t, mediatest.Photo{GPS: &mediatest.Position{}}),
		"no reference":     replaced("N\x00\x00\x00", "\x00\x00\x00\x00"),
		"swapped":          replaced("N\x00\x00\x00", "E\x00\x00\x00"),
		"out of range":     replaced("\x00\x00\x00\x2b\x00\x00\x00\x01", "\x00\x00\x00\xb4\x00\x00\x00\x01"),
		"minutes":          replaced("\x00\x00\x00\x27\x00\x00\x00\x01", "\xf0\x00\x00\x27\x00\x00\x00\x01"),
		"divided by zero":  replaced("\x00\x00\x00\x2b\x00\x00\x00\x01", "\x00\x00\x00\x2b\x00\x00\x00\x00"),
		"cut off":          good[:len(good)-30],
		"no tiff":          []byte("nothing"),
		"directory cycles": join([]byte("MM\x00\x2a"), u32(8), u16(2), u16(tagExifIFD), u16(4), u32(1), u32(8), u16(tagGPSIFD), u16(4), u32(1), u32(8), u32(8)),
		"forged count":     join([]byte("MM\x00\x2a"), u32(8), u16(1), u16(tagMake), u16(2), u32(0xffffffff), u32(8), u32(0)),
	} {
		f := Facts{OK: true, Kind: KindPhoto}
		readEXIF(block, &f, true)
		if f.GPS != nil {
			t.Errorf("%s: position %+v", name, *f.GPS)
		}
	}
	f := facts(t, mediatest.JPEG(mediatest.Photo{Width: 8, Height: 8, XMPGPS: &mediatest.Position{Lat: -33.5, Lng: -70.25}}))
	if f.GPS == nil || f.GPS.Source != "xmp" || f.GPS.Lat != -33.5 || f.GPS.Lng != -70.25 {
		t.Errorf("position of the XMP packet: %+v", f.GPS)
	}
}

func TestPixelFloodsAreRefusedFromTheHeader(t *testing.T) {
	t.Parallel()
	jpeg := mediatest.JPEG(mediatest.Photo{Width: 8, Height: 8})
	sof := bytes.Index(jpeg, []byte{0xff, 0xc0})
	copy(jpeg[sof+5:], []byte{0xff, 0xff, 0xff, 0xff})
	bmp := make([]byte, 24<<10)
	copy(bmp, encoded(t, "bmp", 2, 2)[:54])
	copy(bmp[18:], []byte{0, 0, 1, 0, 0, 0, 1, 0})
	png := encoded(t, "png16", 2, 2)
	copy(png[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0})
	for name, b := range map[string][]byte{
		"jpeg": jpeg, "bmp": bmp, "png": png,
		"gif":  append([]byte("GIF89a\xff\xff\xff\xff"), make([]byte, 100)...),
		"webp": sampleWebP(1<<24, 1<<24, nil), "tiff": sampleBigTIFF(65535, 65535),
		"heic": sampleHEIF("heic", 65536, 65536, 0, nil), "avif": sampleHEIF("avif", 1<<31-1, 1, 0, nil),
	} {
		in := newInput(bytes.NewReader(b), int64(len(b)))
		if f := read(in, request{Signals: true}); f.OK || !strings.Contains(f.Error.Message, "megapixels") {
			t.Errorf("%s: %+v %+v", name, f, f.Error)
		}
		if in.fetched > 64<<10 {
			t.Errorf("%s: %d bytes read to refuse it", name, in.fetched)
		}
	}
}

func TestClips(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 4, 10, 30, 0, 0, time.FixedZone("", -4*3600))
	place := &mediatest.Position{Lat: 43.6532, Lng: -79.3832}
	f := facts(t, mediatest.MP4(mediatest.Clip{
		Width: 1920, Height: 1080, Seconds: 3, FrameRate: 29.97, Rotation: 90, CapturedAt: at, Location: place, Captions: []string{"Buy now", "it is ümlaut"},
	}))
	if f.Kind != KindVideo || f.Format != "mp4" || *f.Rotation != 90 || *f.DisplayWidth != 1080 || *f.DisplayHeight != 1920 || *f.VideoCodec != "h264" {
		t.Errorf("facts %+v", f)
	}
	if math.Abs(*f.DurationS-3.003) > 0.002 || math.Abs(*f.FrameRate-29.97) > 0.01 {
		t.Errorf("%v s at %v", *f.DurationS, *f.FrameRate)
	}
	if value(f.CapturedAt) != "2026-05-04T10:30:00" || value(f.CapturedAtOffset) != "-04:00" {
		t.Errorf("captured %v %v", value(f.CapturedAt), value(f.CapturedAtOffset))
	}
	if f.GPS == nil || *f.GPS != (GPS{43.6532, -79.3832, "container"}) {
		t.Errorf("position %+v", f.GPS)
	}
	if *f.CaptionTracks != 1 || f.CaptionText != "Buy now\nit is ümlaut" {
		t.Errorf("%d caption tracks: %q", *f.CaptionTracks, f.CaptionText)
	}
	if len(f.AudioTracks) != 1 || f.AudioTracks[0].Codec != "pcm_s16le" || f.AudioTracks[0].SampleRate != 48000 || *f.AudioTracks[0].BitsPerSample != 16 {
		t.Errorf("sound %+v", f.AudioTracks)
	}

	quick := mediatest.Clip{Width: 64, Height: 48, Seconds: 2, Sound: mediatest.AACTone, QuickTime: true, IndexFirst: true, Rotation: 270}
	f = facts(t, mediatest.MP4(quick))
	if f.Format != "mov" || *f.Rotation != 270 || f.AudioTracks[0].Codec != "aac" || f.AudioTracks[0].BitsPerSample != nil || *f.CaptionTracks != 0 {
		t.Errorf("facts %+v", f)
	}
}

func TestDurationIsThatOfTheSamplesPresent(t *testing.T) {
	t.Parallel()
	f := facts(t, mediatest.MP4(mediatest.Clip{Width: 64, Height: 48, Seconds: 3, HeaderSeconds: 60}))
	if *f.DurationS != 3 || *f.HeaderDurationS != 60 {
		t.Errorf("%v s, header %v s", *f.DurationS, *f.HeaderDurationS)
	}
	// The index first, then a third of the sound and pictures.
	whole := mediatest.MP4(mediatest.Clip{Width: 64, Height: 48, Seconds: 10, Sound: mediatest.NoSound, IndexFirst: true})
	mdat := bytes.Index(whole, []byte("mdat"))
	key := 3 * 384 // the key frame is nearly all of a picture's bytes
	f = facts(t, whole[:mdat+key+(len(whole)-mdat-key)/3])
	if *f.DurationS < 2 || *f.DurationS > 5 || *f.HeaderDurationS != 10 || *f.FrameRate != 30 {
		t.Errorf("cut film: %v s, header %v s, %v frames a second", *f.DurationS, *f.HeaderDurationS, *f.FrameRate)
	}
	wav := mediatest.WAV(mediatest.Recording{Seconds: 4})
	f = facts(t, wav[:len(wav)/2])
	if math.Abs(*f.DurationS-2) > 0.01 || *f.HeaderDurationS != 4 {
		t.Errorf("cut recording: %v s, header %v s", *f.DurationS, *f.HeaderDurationS)
	}
	flac := sampleFLAC(t, 1, 48000, 16, 40, true)
	f = facts(t, flac[:len(flac)/2])
	if *f.DurationS > 0.5 || *f.DurationS < 0.35 || math.Abs(*f.HeaderDurationS-40*1024./48000) > 0.001 {
		t.Errorf("cut FLAC: %v s, header %v s", *f.DurationS, *f.HeaderDurationS)
	}
}

func TestFragmentedFilm(t *testing.T) {
	t.Parallel()
	whole := fragmented()
	f := facts(t, whole)
	if *f.DurationS != 4 || *f.FrameRate != 30 || *f.Width != 1080 || f.HeaderDurationS != nil {
		t.Errorf("facts %+v", f)
	}
	f = facts(t, whole[:len(whole)-300])
	if *f.DurationS != 3 {
		t.Errorf("cut in its last fragment: %v s", *f.DurationS)
	}
}

func TestMatroska(t *testing.T) {
	t.Parallel()
	for name, file := range map[string][]byte{"webm": sampleMatroska("webm", 4, false), "mkv": sampleMatroska("matroska", 4, true)} {
		f := facts(t, file)
		if f.Format != name || *f.Width != 720 || math.Abs(*f.DurationS-4) > 0.01 || math.Abs(*f.FrameRate-25) > 0.01 || *f.VideoCodec != "vp9" {
			t.Errorf("%s: %s %v, %v s, %v a second", name, f.Format, *f.Width, *f.DurationS, *f.FrameRate)
		}
		if len(f.AudioTracks) != 1 || f.AudioTracks[0] != (AudioTrack{Codec: "opus", Channels: 2, SampleRate: 48000}) || *f.CaptionTracks != 1 || !strings.HasPrefix(f.CaptionText, "spoken words\nspoken") {
			t.Errorf("%s: %+v, %d, %q", name, f.AudioTracks, *f.CaptionTracks, f.CaptionText)
		}
	}
	if f := facts(t, sampleMatroska("webm", 4, false)); *f.HeaderDurationS != 4.5 {
		t.Errorf("header %v s", *f.HeaderDurationS)
	}
}

func TestRecordingsOfEveryFormat(t *testing.T) {
	t.Parallel()
	wav := func(r mediatest.Recording) []byte { r.Seconds = 0.5; return mediatest.WAV(r) }
	tests := map[string]struct {
		file     []byte
		format   string
		codec    string
		channels int
		rate     int
		bits     any
		seconds  float64
	}{
		"wav 8":          {wav(mediatest.Recording{Bits: 8}), "wav", "pcm_u8", 1, 48000, 8, 0.5},
		"wav 16":         {wav(mediatest.Recording{Bits: 16, Channels: 2, SampleRate: 44100}), "wav", "pcm_s16le", 2, 44100, 16, 0.5},
		"wav 24 of six":  {wav(mediatest.Recording{Channels: 6, SampleRate: 96000, Extensible: true}), "wav", "pcm_s24le", 6, 96000, 24, 0.5},
		"wav 32":         {wav(mediatest.Recording{Bits: 32}), "wav", "pcm_s32le", 1, 48000, 32, 0.5},
		"wav float":      {wav(mediatest.Recording{Float: true}), "wav", "pcm_f32le", 1, 48000, 32, 0.5},
		"rf64":           {wav(mediatest.Recording{RF64: true}), "wav", "pcm_s24le", 1, 48000, 24, 0.5},
		"aiff":           {sampleAIFF("", 2, 44100, 16, 22050), "aiff", "pcm_s16be", 2, 44100, 16, 0.5},
		"aifc":           {sampleAIFF("sowt", 1, 48000, 24, 24000), "aiff", "pcm_s24le", 1, 48000, 24, 0.5},
		"flac":           {sampleFLAC(t, 2, 44100, 16, 20, true), "flac", "flac", 2, 44100, 16, 20 * 1024. / 44100},
		"flac of three":  {sampleFLAC(t, 3, 48000, 24, 20, true), "flac", "flac", 3, 48000, 24, 20 * 1024. / 48000},
		"flac no length": {sampleFLAC(t, 1, 44100, 16, 20, false), "flac", "flac", 1, 44100, 16, 20 * 1024. / 44100},
		"adpcm":          {sampleADPCM(441), "wav", "adpcm_ms", 1, 22050, 4, 10},
		"opus":           {sampleOgg(opusHead(2, 312), 48312), "ogg", "opus", 2, 48000, nil, 1},
		"vorbis":         {sampleOgg(vorbisHead(1, 44100), 66150), "ogg", "vorbis", 1, 44100, nil, 1.5},
		"mp3":            {mediatest.MP3(3), "mp3", "mp3", 1, 44100, nil, 3},
		"mp3 long":       {mediatest.MP3(200), "mp3", "mp3", 1, 44100, nil, 200},
		"mp3 after ID3":  {join([]byte("ID3\x04\x00\x00\x00\x00\x01\x00"), make([]byte, 128), mediatest.MP3(1)), "mp3", "mp3", 1, 44100, nil, 1},
		"aac":            {mediatest.AAC(2), "aac", "aac", 1, 48000, nil, 2},
	}
	for name, want := range tests {
		f := facts(t, want.file)
		if f.Kind != KindAudio || f.Format != want.format || len(f.AudioTracks) != 1 || math.Abs(*f.DurationS-want.seconds) > 0.03 {
			t.Errorf("%s: %s %s, %v s, %d tracks", name, f.Kind, f.Format, *f.DurationS, len(f.AudioTracks))
			continue
		}
		if a := f.AudioTracks[0]; a.Codec != want.codec || a.Channels != want.channels || a.SampleRate != want.rate || value(a.BitsPerSample) != want.bits {
			t.Errorf("%s: %+v with %v bits", name, a, value(a.BitsPerSample))
		}
	}
}

func TestCaptionSidecars(t *testing.T) {
	t.Parallel()
	if f := facts(t, []byte(sampleSRT)); f.Kind != KindDocument || f.Format != "srt" || f.CaptionText != "Hello there\nGeneral" {
		t.Errorf("%s %s %q", f.Kind, f.Format, f.CaptionText)
	}
	if f := facts(t, []byte("\ufeff"+sampleVTT)); f.Format != "vtt" || f.CaptionText != "Hello there" {
		t.Errorf("%s %q", f.Format, f.CaptionText)
	}
	swapped := []byte{0xff, 0xfe}
	for _, r := range sampleSRT {
		swapped = le.AppendUint16(swapped, uint16(r))
	}
	if f := facts(t, swapped); f.Format != "srt" || f.CaptionText != "Hello there\nGeneral" {
		t.Errorf("UTF-16: %s %q", f.Format, f.CaptionText)
	}
}

func TestAudioSpecificConfig(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		config         []byte
		channels, rate int
	}{
		"AAC-LC, 48 kHz, mono":                     {[]byte{0x11, 0x88}, 1, 48000},
		"AAC-LC, 44.1 kHz, stereo":                 {[]byte{0x12, 0x10}, 2, 44100},
		"AAC-LC, 44.1 kHz, 7.1":                    {[]byte{0x12, 0x38}, 8, 44100},
		"HE-AAC, 22.05 core":                       {[]byte{0x2b, 0x92, 0x08, 0x00}, 2, 44100},
		"HE-AAC said behind the core":              {[]byte{0x13, 0x90, 0x56, 0xe5, 0xa0}, 2, 44100},
		"AAC-LC that says it has no extension":     {[]byte{0x13, 0x90, 0x56, 0xe5, 0x00}, 2, 22050},
		"nothing: what the sample entry says":      {nil, 2, 8000},
		"a channel layout of its own: the entry's": {[]byte{0x12, 0x00}, 2, 44100},
	} {
		e := sampleEntry{channels: 2, rate: 8000}
		if e.audioConfig(want.config); e.channels != want.channels || e.rate != want.rate {
			t.Errorf("%s: %d channels at %d Hz", name, e.channels, e.rate)
		}
	}
}

func TestISO6709(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]*GPS{
		"+43.6532-079.3832+76.000/": {43.6532, -79.3832, "container"},
		"+43.6532-079.3832":         {43.6532, -79.3832, "container"},
		"-3351.5+15112.6/":          {-33 - 51.5/60, 151 + 12.6/60, "container"},
		"+404531.5-0735959.9/":      {40 + 45./60 + 31.5/3600, -73 - 59./60 - 59.9/3600, "container"},
		"+00.0000+000.0000/":        nil,
		"+95.0+010.0/":              nil,
		"43.6,-79.3":                nil,
		"+":                         nil,
		"":                          nil,
	} {
		got := iso6709(s)
		if (got == nil) != (want == nil) || got != nil && (math.Abs(got.Lat-want.Lat) > 1e-9 || math.Abs(got.Lng-want.Lng) > 1e-9) {
			t.Errorf("%q: %+v", s, got)
		}
	}
}

func TestFactsAsJSON(t *testing.T) {
	t.Parallel()
	keys := func(f Facts) (names []string) {
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		for name := range m {
			names = append(names, name)
		}
		slices.Sort(names)
		var again Facts
		if err := json.Unmarshal(b, &again); err != nil {
			t.Fatal(err)
		}
		if second, _ := json.Marshal(again); !bytes.Equal(b, second) {
			t.Errorf("stored %s, read again %s", b, second)
		}
		return names
	}
	photo := facts(t, mediatest.JPEG(mediatest.Photo{Width: 8, Height: 8}))
	if got := strings.Join(keys(photo), " "); got != "bytes camera captured_at captured_at_offset display_height display_width format gps height kind ok orientation sha256 width" {
		t.Errorf("photo: %s", got)
	}
	film := facts(t, mediatest.MP4(mediatest.Clip{Width: 16, Height: 16, Seconds: 1, Sound: mediatest.NoSound}))
	if got := strings.Join(keys(film), " "); got != "audio_tracks bytes camera caption_tracks captured_at captured_at_offset display_height display_width duration_s format frame_rate gps header_duration_s height kind ok rotation sha256 video_codec width" {
		t.Errorf("film: %s", got)
	}
	if got := strings.Join(keys(facts(t, tiny)), " "); got != "audio_tracks bytes duration_s format header_duration_s kind ok sha256" {
		t.Errorf("recording: %s", got)
	}
	if got := strings.Join(keys(unreadable("no")), " "); got != "bytes error ok sha256" {
		t.Errorf("unreadable: %s", got)
	}
	full := facts(t, mediatest.JPEG(fuzzPhoto))
	full.Signals = &Signals{Image: &ImageSignals{PHash: 1<<64 - 1}}
	keys(full)
}

// Package media says what is in a file: bytes in, facts out. It knows no task,
// no database and no HTTP, and it treats every byte as hostile.
package media

import "time"

// Kind is what a file is, by its content and never by its name.
type Kind string

// The kinds of file a deliverable can be. KindDocument covers text such as
// caption sidecars (.srt, .vtt) and PDFs.
const (
	KindPhoto    Kind = "photo"
	KindVideo    Kind = "video"
	KindAudio    Kind = "audio"
	KindDocument Kind = "document"
)

// CodeUnreadable is the error code of a file that cannot be decoded.
const CodeUnreadable = "unreadable"

// Facts is what was read from one file before any judgement. A nil field is a
// fact the file does not hold; nothing is ever guessed.
type Facts struct {
	OK     bool       `json:"ok"`
	Error  *FileError `json:"error,omitempty"`
	Kind   Kind       `json:"kind,omitempty"`
	Format string     `json:"format,omitempty"` // sniffed container: jpeg, png, heic, mp4, mov, webm, wav, mp3, ogg, ...
	Bytes  int64      `json:"bytes"`
	SHA256 string     `json:"sha256"` // lower-case hex of the whole file

	// Coded size in pixels, and the size as displayed after Orientation or Rotation.
	Width         *int `json:"width,omitempty"`
	Height        *int `json:"height,omitempty"`
	DisplayWidth  *int `json:"display_width,omitempty"`
	DisplayHeight *int `json:"display_height,omitempty"`
	Orientation   *int `json:"orientation,omitempty"` // EXIF 1 to 8
	Rotation      *int `json:"rotation,omitempty"`    // video: degrees clockwise, 0, 90, 180 or 270

	// CapturedAt is the camera's wall clock, "2006-01-02T15:04:05"; its offset,
	// "+02:00", stands in CapturedAtOffset when the file has it. GPSTime is the
	// UTC time of the GPS fix.
	CapturedAt       *string    `json:"captured_at"`
	CapturedAtOffset *string    `json:"captured_at_offset"`
	GPSTime          *time.Time `json:"gps_time,omitempty"`
	GPS              *GPS       `json:"gps"`
	Camera           *string    `json:"camera"`
	ColorProfile     *string    `json:"color_profile,omitempty"` // embedded ICC profile description, or "sRGB"/"Adobe RGB" from EXIF ColorSpace

	DurationS       *float64     `json:"duration_s,omitempty"`        // seconds, from the samples present
	HeaderDurationS *float64     `json:"header_duration_s,omitempty"` // seconds, as the header claims
	FrameRate       *float64     `json:"frame_rate,omitempty"`        // frames a second, measured from the samples
	VideoCodec      *string      `json:"video_codec,omitempty"`       // h264, hevc, av1, vp9, ...
	AudioTracks     []AudioTrack `json:"audio_tracks,omitempty"`
	CaptionTracks   *int         `json:"caption_tracks,omitempty"`
	CaptionText     string       `json:"caption_text,omitempty"` // text of caption tracks, or of a sidecar document

	// Signals are the measurements QA judges by; nil when they were not asked for.
	Signals *Signals `json:"signals,omitempty"`
}

// FileError says why a file has no facts.
type FileError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// GPS is a position in degrees (WGS 84) and where in the file it stood: "exif",
// "xmp", "container" or, in the block of a thermal camera, "flir".
type GPS struct {
	Lat    float64 `json:"lat"`
	Lng    float64 `json:"lng"`
	Source string  `json:"source"`
}

// AudioTrack is one audio track. BitsPerSample is nil where the format has none (AAC, MP3, Vorbis, Opus).
type AudioTrack struct {
	Codec         string   `json:"codec"`
	Channels      int      `json:"channels"`
	SampleRate    int      `json:"sample_rate"` // Hz
	BitsPerSample *int     `json:"bits_per_sample,omitempty"`
	DurationS     *float64 `json:"duration_s,omitempty"`
}

// Signals are measured once per file and kept with its facts.
type Signals struct {
	Image *ImageSignals `json:"image,omitempty"`
	Audio *AudioSignals `json:"audio,omitempty"`
	// NotMeasured maps a signal group ("image", "audio") to the reason it could
	// not be measured here, for example a codec with no decoder at hand.
	NotMeasured map[string]string `json:"not_measured,omitempty"`
}

// ImageSignals are measured on the upright image at a fixed scale.
type ImageSignals struct {
	PHash         uint64      `json:"phash,string"`   // 64-bit DCT perceptual hash; alike pictures differ in few bits
	Focus         float64     `json:"focus"`          // variance of the Laplacian of luma at a 1024 px long edge; higher is sharper
	LumaHistogram [64]float64 `json:"luma_histogram"` // share of pixels per luma band of 4 levels; sums to 1
	LumaInner     [64]float64 `json:"luma_inner"`     // the same without the border ring
	BorderWhite   float64     `json:"border_white"`   // share of the border ring with all channels >= 240
}

// AudioSignals describe the sound of a file's first audio track, channel by channel.
type AudioSignals struct {
	Channels []ChannelSignals `json:"channels"`
	// Loudness is integrated LUFS (ITU-R BS.1770-4) over all channels; nil when the sound is too short or silent.
	Loudness *float64 `json:"loudness_lufs"`
	// SilentShare, ClippedShare and NoiseFloor over all channels together.
	SilentShare  float64 `json:"silent_share"`     // share of 400 ms windows under -60 dBFS
	ClippedShare float64 `json:"clipped_share"`    // share of samples at full scale in runs of 3 or more
	NoiseFloor   float64 `json:"noise_floor_dbfs"` // 10th percentile of the 400 ms window levels
	Peak         float64 `json:"peak_dbfs"`
}

// ChannelSignals are the same measurements for one channel.
type ChannelSignals struct {
	SilentShare  float64 `json:"silent_share"`
	ClippedShare float64 `json:"clipped_share"`
	NoiseFloor   float64 `json:"noise_floor_dbfs"`
	Peak         float64 `json:"peak_dbfs"`
	// Fingerprint is the channel's level envelope for comparing tracks: Correlation says how alike two are.
	Fingerprint []float32 `json:"fingerprint"`
}

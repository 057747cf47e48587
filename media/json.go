package media

import "encoding/json"

// photoJSON, videoJSON and audioJSON are Facts as each kind shows them: the
// fields of the kind are always there, null when the file does not hold them.
// Decoding needs no counterpart, the names are those of Facts.
type photoJSON struct {
	headJSON
	Width         *int `json:"width"`
	Height        *int `json:"height"`
	Orientation   *int `json:"orientation"`
	DisplayWidth  *int `json:"display_width"`
	DisplayHeight *int `json:"display_height"`
	originJSON
	tailJSON
}

type videoJSON struct {
	headJSON
	DurationS       *float64     `json:"duration_s"`
	HeaderDurationS *float64     `json:"header_duration_s,omitempty"`
	Width           *int         `json:"width"`
	Height          *int         `json:"height"`
	Rotation        *int         `json:"rotation"`
	DisplayWidth    *int         `json:"display_width"`
	DisplayHeight   *int         `json:"display_height"`
	FrameRate       *float64     `json:"frame_rate"`
	VideoCodec      *string      `json:"video_codec"`
	AudioTracks     []AudioTrack `json:"audio_tracks"`
	CaptionTracks   *int         `json:"caption_tracks"`
	originJSON
	tailJSON
}

type audioJSON struct {
	headJSON
	DurationS       *float64     `json:"duration_s"`
	HeaderDurationS *float64     `json:"header_duration_s,omitempty"`
	AudioTracks     []AudioTrack `json:"audio_tracks"`
	tailJSON
}

type documentJSON struct {
	headJSON
	tailJSON
}

type headJSON struct {
	OK     bool       `json:"ok"`
	Error  *FileError `json:"error,omitempty"`
	Kind   Kind       `json:"kind,omitempty"`
	Format string     `json:"format,omitempty"`
	Bytes  int64      `json:"bytes"`
	SHA256 string     `json:"sha256"`
}

type originJSON struct {
	CapturedAt       *string `json:"captured_at"`
	CapturedAtOffset *string `json:"captured_at_offset"`
	GPS              *GPS    `json:"gps"`
	Camera           *string `json:"camera"`
}

type tailJSON struct {
	GPSTime      any      `json:"gps_time,omitempty"`
	ColorProfile *string  `json:"color_profile,omitempty"`
	CaptionText  string   `json:"caption_text,omitempty"`
	Signals      *Signals `json:"signals,omitempty"`
}

// MarshalJSON shows the fields of the file's kind, absent facts as null.
func (f Facts) MarshalJSON() ([]byte, error) {
	head := headJSON{f.OK, f.Error, f.Kind, f.Format, f.Bytes, f.SHA256}
	origin := originJSON{f.CapturedAt, f.CapturedAtOffset, f.GPS, f.Camera}
	tail := tailJSON{ColorProfile: f.ColorProfile, CaptionText: f.CaptionText, Signals: f.Signals}
	if f.GPSTime != nil {
		tail.GPSTime = f.GPSTime
	}
	tracks := f.AudioTracks
	if tracks == nil {
		tracks = []AudioTrack{}
	}
	switch {
	case !f.OK:
		return json.Marshal(documentJSON{head, tail})
	case f.Kind == KindPhoto:
		return json.Marshal(photoJSON{head, f.Width, f.Height, f.Orientation, f.DisplayWidth, f.DisplayHeight, origin, tail})
	case f.Kind == KindVideo:
		return json.Marshal(videoJSON{
			head, f.DurationS, f.HeaderDurationS, f.Width, f.Height, f.Rotation, f.DisplayWidth, f.DisplayHeight,
			f.FrameRate, f.VideoCodec, tracks, f.CaptionTracks, origin, tail,
		})
	case f.Kind == KindAudio:
		return json.Marshal(audioJSON{head, f.DurationS, f.HeaderDurationS, tracks, tail})
	}
	return json.Marshal(documentJSON{head, tail})
}

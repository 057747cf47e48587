package qa

// CheckInfo describes one check of the catalogue.
type CheckInfo struct {
	ID       string `json:"id"`
	Measured string `json:"measured"`
	FailsOn  string `json:"fails_when"`
	PerFile  bool   `json:"per_file"` // judges each file by itself, so preflight can run it
}

// check is a catalogue entry with the code that judges it.
type check struct {
	id       string
	measured string
	failsOn  string
	perFile  bool
	judge    func(*Input, Requirement) Check
}

// Catalogue lists every check in the order of the documentation.
func Catalogue() []CheckInfo {
	infos := make([]CheckInfo, len(catalogue))
	for i, c := range catalogue {
		infos[i] = CheckInfo{ID: c.id, Measured: c.measured, FailsOn: c.failsOn, PerFile: c.perFile}
	}
	return infos
}

func lookup(id string) (check, bool) {
	for _, c := range catalogue {
		if c.id == id {
			return c, true
		}
	}
	return check{}, false
}

var catalogue = []check{
	{"deliverables.count", "files of each kind, as declared",
		"fewer than asked for", false, deliverablesCount},
	{"file.readable", "whether the file decodes",
		"it does not; the other checks on that file are then skipped, and say so", true, fileReadable},
	{"file.format", "container by its content, never by its name; jpg and jpeg, tif and tiff, heic and heif, mp4 and m4v are the same",
		"not the asked format", true, fileFormat},
	{"photo.resolution", "long edge (stories: short edge) upright, in pixels",
		"under the minimum", true, photoResolution},
	{"photo.sharpness", "focus measure: variance of the Laplacian of luma at a fixed scale",
		"clearly blurred", true, photoSharpness},
	{"photo.exposure", "luma histogram, without the border for products on white",
		"nearly black or nearly white", true, photoExposure},
	{"photo.background", "border ring against white",
		"a white background is asked for and under 90 % of the ring is at least 240 in all channels", true, photoBackground},
	{"photo.color_space", "embedded profile; none is read as sRGB",
		"not sRGB", true, photoColorSpace},
	{"photo.duplicates", "SHA-256, perceptual hash and tones of every two photos of the submission",
		"the same picture twice, the same file or encoded again; near-alike pictures are mentioned", false, photoDuplicates},
	{"photo.reused", "the same, against files of earlier work orders",
		"seen before", true, photoReused},
	{"photo.location", "GPS in the file (EXIF, XMP or container) or else the portal's, against the point that applies",
		"farther than the radius, or no location in the file", true, photoLocation},
	{"photo.captured_within", "capture time with its offset; GPS time when the camera clock is over 2 minutes off; the schedule's offset when the file has none",
		"outside the schedule by over 30 minutes (with same_day: not on the day of the task at the place), or no capture time in the file", true, photoCapturedWithin},
	{"photo.daypart", "the sun's elevation at that place and time",
		"by day asked: under −6°; by night asked: over 0°; or no capture time in the file", true, photoDaypart},
	{"labels.covered", "labels: sku and angle, platform, store_id, asset_id and view, speaker, person",
		"one is missing, or has too few files", false, labelsCovered},
	{"answers.complete", "each question of each store, by type",
		"an answer is missing or of the wrong type", false, answersComplete},
	{"video.duration", "seconds of the media's own samples, not of its header",
		"over 0.1 s outside the range", true, videoDuration},
	{"video.aspect", "width to height after rotation",
		"over 1 % from the asked ratio", true, videoAspect},
	{"video.resolution", "short edge after rotation, in pixels",
		"under 1080, or what the task asks", true, videoResolution},
	{"video.frame_rate", "frames a second",
		"under 23.9", true, videoFrameRate},
	{"video.audio_track", "audio tracks",
		"none", true, videoAudioTrack},
	{"captions.present", "a caption track, or an .srt or .vtt document of the same base name",
		"asked for and absent", false, captionsPresent},
	{"captions.claims", "caption text against claims_blocklist: NFKC, look-alike letters, digits for letters, spacing and invisible characters undone, whole words",
		"a blocked claim appears", true, captionsClaims},
	{"audio.tracks", "files labelled speaker, or the channels of one multichannel file, and a mix",
		"fewer than speakers, or no mix", false, audioTracks},
	{"audio.sample_rate", "as stored, in Hz",
		"under what was asked", true, audioSampleRate},
	{"audio.bit_depth", "bits a sample as stored; formats without one are not judged",
		"under what was asked", true, audioBitDepth},
	{"audio.duration", "seconds of samples of each file",
		"under minutes, or tracks differ by over 0.5 s", false, audioDuration},
	{"audio.clipping", "share of samples at full scale in runs of 3 or more",
		"over 0.1 %", true, audioClipping},
	{"audio.silence", "share of 400 ms windows under −60 dBFS",
		"over 95 % for a speaker's own track, over 50 % for a mix or a clip", true, audioSilence},
	{"audio.noise_floor", "10th percentile of window level",
		"over −45 dBFS", true, audioNoiseFloor},
	{"audio.isolation", "correlation between every two speakers' tracks",
		"over 0.95: the same recording", false, audioIsolation},
	{"audio.loudness", "integrated LUFS (ITU-R BS.1770)",
		"outside −24 to −12", true, audioLoudness},
	{"checkin.location", "check-ins against the fence, their accuracy counted; a staffing task wants one of each person",
		"none is inside; inconclusive when the best is uncertain, when there is none, or when the task has no point", false, checkinLocation},
	{"staff.checkins", "first check-in of each person",
		"fewer people than asked, or in later than late_minutes", false, staffCheckins},
	{"staff.hours", "last check-out of each person who came",
		"out before the shift's end, or not at all", false, staffHours},
	{"route.inside_area", "positions of the proof photos",
		"one is over 50 m outside the polygon, or no location in the file", true, routeInsideArea},
	{"route.interval", "gaps between proof photos from the start to the end of the schedule",
		"a gap over twice proof_interval_minutes, or no capture time in the file", false, routeInterval},
	{"route.coverage", "share of 250 m cells of the area with a proof photo",
		"under 40 %", false, routeCoverage},
	{"delivery.on_time", "the server's receipt against the deadline",
		"late", false, deliveryOnTime},
}

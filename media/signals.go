package media

import (
	"errors"
	"os"
)

// measure adds the signals QA judges by. An error says that the file cannot be
// decoded after all; what merely cannot be measured here is said in NotMeasured.
func measure(in *input, file *os.File, req request, f *Facts) error {
	f.Signals = &Signals{}
	leave := func(group string, err error) error {
		var picture errNotUnpacked
		var sound errNoDecoder
		if err == nil {
			return nil
		}
		if !errors.As(err, &picture) && !errors.As(err, &sound) {
			return err
		}
		f.Signals.NotMeasured = map[string]string{group: err.Error()}
		return nil
	}
	switch {
	case f.Kind == KindPhoto:
		return leave("image", measurePicture(in, f))
	case len(f.AudioTracks) > 0:
		return leave("audio", measureSound(in, file, req, f))
	}
	return nil
}

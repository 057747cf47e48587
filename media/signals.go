package media

import (
	"errors"
	"fmt"
)

// notMeasured says that a file may well be fine but cannot be measured here.
type notMeasured struct{ reason string }

func (e notMeasured) Error() string { return e.reason }

func leave(format string, args ...any) error { return notMeasured{fmt.Sprintf(format, args...)} }

// measure adds the signals QA judges by. An error says that the file cannot be
// decoded after all; what merely cannot be measured here is said in NotMeasured.
func measure(in *input, req request, f *Facts) error {
	f.Signals = &Signals{}
	var group string
	var err error
	switch {
	case f.Kind == KindPhoto:
		group, err = "image", measurePicture(in, f)
	case len(f.AudioTracks) > 0:
		group, err = "audio", measureSound(in, req, f)
	}
	var left notMeasured
	if errors.As(err, &left) {
		f.Signals.NotMeasured = map[string]string{group: left.reason}
		return nil
	}
	return err
}

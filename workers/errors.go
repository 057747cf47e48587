package workers

import (
	"errors"

	"github.com/riverqueue/river"

	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// outcome turns the error of an operation into what River does with the job: a
// fault that no repetition can cure cancels it, anything else is retried.
func outcome(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	switch f.Code {
	case fault.NotFound, fault.InvalidState, fault.SchemaValidationFailed, fault.EscrowRequired, fault.PolicyBlocked:
		return river.JobCancel(err)
	}
	return err
}

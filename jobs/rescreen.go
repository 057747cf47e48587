package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Progress is how far a rescreening has come.
type Progress struct {
	Done   int    // tasks screened
	Ended  bool   // nothing is left to do
	Failed string // why its last job was given up; empty while it was not
}

// RescreenProgress reads how far the rescreening with this id has come.
func RescreenProgress(ctx context.Context, tx pgx.Tx, id string) (Progress, error) {
	client, err := inserter()
	if err != nil {
		return Progress{}, fmt.Errorf("jobs: %w", err)
	}
	params := river.NewJobListParams().Kinds(Rescreen{}.Kind()).First(1).OrderBy(river.JobListOrderByID, river.SortOrderDesc).
		Where("args->>'id' = @id", river.NamedArgs{"id": id})
	found, err := client.JobListTx(ctx, tx, params)
	if err != nil {
		return Progress{}, fmt.Errorf("jobs: %w", err)
	}
	if len(found.Jobs) == 0 { // cleaned up long after its end
		return Progress{Ended: true}, nil
	}
	last := found.Jobs[0]
	var args Rescreen
	if err := json.Unmarshal(last.EncodedArgs, &args); err != nil {
		return Progress{}, fmt.Errorf("jobs: %w", err)
	}
	p := Progress{Done: args.Done, Ended: last.State == rivertype.JobStateCompleted}
	if last.State == rivertype.JobStateDiscarded || last.State == rivertype.JobStateCancelled {
		p.Failed = string(last.State)
		if n := len(last.Errors); n > 0 {
			p.Failed = last.Errors[n-1].Error
		}
	}
	return p, nil
}

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/humandispatch/humandispatch/client"
)

func TestRescreeningIsFollowedToItsEnd(t *testing.T) {
	t.Parallel()
	s := settings(t)
	app, err := NewApp(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	start(t, app)
	key := agentKey(t, app)
	agent := client.New(app.URL(), key)
	task, err := agent.CreateTask(t.Context(), demoJourneys(time.Now())[1].body())
	for err == nil && task.Status != "open" {
		if err = pause(t.Context()); err == nil {
			task, err = agent.GetTask(t.Context(), task.ID)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	status, _, errs := command(t, "admin", "rescreen", "--database-url", s.Shared.DatabaseURL)
	if status != 0 || !strings.Contains(errs, "rescreening 1 open tasks") || !strings.Contains(errs, "done") {
		t.Errorf("status %d, %s", status, errs)
	}
	if again, err := agent.GetTask(t.Context(), task.ID); err != nil || again.Status != "open" {
		t.Errorf("the same rules again: %v, %v", again.Status, err)
	}
}

package qa

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// checkinLocation asks for one check-in inside the fence, or for one of each
// person. The fence is the place of the task, any of its stores or placements,
// or its area.
func checkinLocation(in *Input, req Requirement) Check {
	p, err := params[struct {
		fences
		PerPerson bool `json:"per_person"`
		Optional  bool `json:"optional"` // without a point or a check-in there is nothing to object to
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	required := "a check-in inside the fence"
	if p.PerPerson {
		required = "a check-in of every person inside the fence"
	}
	c := blank(req, required)
	if !in.Task.Onsite {
		c.Measured = "remote work needs no check-in"
		return c
	}
	open := func(why, fix string) Check {
		c.Measured = "not measured: " + why
		if !p.Optional {
			c.Verdict, c.Fix = Inconclusive, fix
		}
		return c
	}
	if _, ok := p.stand(CheckIn{}); !ok {
		return open("the task has no point (lat and lng) to compare check-ins with", askReviewer)
	}
	best := map[string]finding{}
	var people []string
	for _, ci := range in.CheckIns {
		if ci.Kind == "out" {
			continue
		}
		person := ""
		if p.PerPerson {
			person = personKey(ci.Person)
		}
		found := judgeCheckIn(ci, p.fences)
		if old, seen := best[person]; !seen {
			people = append(people, person)
			best[person] = found
		} else if rankOf(found.verdict) < rankOf(old.verdict) {
			best[person] = found
		}
	}
	if len(people) == 0 {
		return open("there is no check-in", "Check in on site next time; "+strings.ToLower(askReviewer[:1])+askReviewer[1:])
	}
	findings := make([]finding, 0, len(people))
	for _, person := range people {
		found := best[person]
		if person != "" {
			found.measured = quoted(person) + " " + found.measured
		}
		findings = append(findings, found)
	}
	return conclude(req, required, "", findings, nil)
}

func rankOf(v Verdict) int { return slices.Index([]Verdict{Pass, Inconclusive, Fail}, v) }

func judgeCheckIn(ci CheckIn, p fences) finding {
	at, _ := p.stand(ci)
	verdict := at.verdict
	if ci.Verdict != "" { // settled when it was recorded, by a site code perhaps
		verdict = ci.Verdict
	}
	measured := fmt.Sprintf("checked in %s from %s", metres(at.distanceM), at.name)
	switch verdict {
	case Inside:
		return passed(measured, 0)
	case Uncertain:
		return finding{verdict: Inconclusive, measured: fmt.Sprintf("%s, give or take %s: uncertain", measured, metres(ci.AccuracyM)),
			fix: "Check in again with the site code or where the position is more exact, or let a reviewer decide."}
	}
	return failed(measured+", outside the fence", fmt.Sprintf("Check in at %s, or at most %s from it.", at.name, metres(at.allowedM)))
}

// personKey compares names without case and spaces around.
func personKey(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// presence is when one person came and left; zero for never.
type presence struct {
	name    string
	in, out time.Time
}

// presences gathers the first check-in and the last check-out of each person.
func presences(in *Input) []presence {
	var all []presence
	for _, ci := range in.CheckIns {
		name := personKey(ci.Person)
		i := slices.IndexFunc(all, func(p presence) bool { return p.name == name })
		if i < 0 {
			i = len(all)
			all = append(all, presence{name: name})
		}
		switch {
		case ci.Kind == "out":
			if ci.CapturedAt.After(all[i].out) {
				all[i].out = ci.CapturedAt
			}
		case all[i].in.IsZero() || ci.CapturedAt.Before(all[i].in):
			all[i].in = ci.CapturedAt
		}
	}
	return all
}

func who(name string) string {
	if name == "" {
		return "somebody without a name"
	}
	return quoted(name)
}

func noCheckIns(c Check) Check {
	c.Verdict, c.Measured = Inconclusive, "not measured: there is no check-in"
	c.Fix = "Check in and out on site next time; a reviewer will look at this shift."
	return c
}

func staffCheckins(in *Input, req Requirement) Check {
	p, err := params[struct {
		StaffCount  int       `json:"staff_count"`
		StartAt     time.Time `json:"start_at"`
		LateMinutes float64   `json:"late_minutes"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	latest := p.StartAt.Add(time.Duration(p.LateMinutes * float64(time.Minute)))
	c := blank(req, fmt.Sprintf("%s checked in by %s", people(p.StaffCount), stamp(latest, placeZone(in))))
	if len(in.CheckIns) == 0 {
		return noCheckIns(c)
	}
	came, onTime := 0, 0
	var late []string
	for _, person := range presences(in) {
		if person.in.IsZero() {
			continue
		}
		came++
		if person.in.After(latest) {
			late = append(late, fmt.Sprintf("%s %s after the start", who(person.name), span(person.in.Sub(p.StartAt))))
			continue
		}
		onTime++
	}
	c.Measured = fmt.Sprintf("%s checked in, %d on time", people(came), onTime)
	if len(late) > 0 {
		c.Measured += "; late: " + shortList(late)
	}
	if onTime >= p.StaffCount {
		return c
	}
	c.Verdict = Fail
	if came < p.StaffCount {
		c.Fix = fmt.Sprintf("Have everybody check in by name: %d of %d people did.", came, p.StaffCount)
	} else {
		c.Fix = fmt.Sprintf("Check in by %g minutes after the start of the shift: %s.", p.LateMinutes, shortList(late))
	}
	return c
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

// staffHours judges those who came: that too few did is for staff.checkins to say.
func staffHours(in *Input, req Requirement) Check {
	p, err := params[struct {
		StaffCount int       `json:"staff_count"`
		EndAt      time.Time `json:"end_at"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	c := blank(req, "everybody checked out at "+stamp(p.EndAt, placeZone(in))+" or later")
	if len(in.CheckIns) == 0 {
		return noCheckIns(c)
	}
	came, stayed := 0, 0
	var early []string
	for _, person := range presences(in) {
		if person.in.IsZero() {
			continue
		}
		came++
		switch {
		case person.out.IsZero():
			early = append(early, who(person.name)+" did not check out")
		case person.out.Before(p.EndAt):
			early = append(early, fmt.Sprintf("%s left %s early", who(person.name), span(p.EndAt.Sub(person.out))))
		default:
			stayed++
		}
	}
	c.Measured = fmt.Sprintf("%s stayed to the end", people(stayed))
	if len(early) > 0 {
		c.Measured += "; " + shortList(early)
	}
	if stayed < min(came, p.StaffCount) {
		c.Verdict = Fail
		c.Fix = fmt.Sprintf("Stay until the end of the shift and check out then: %s.", shortList(early))
	}
	return c
}

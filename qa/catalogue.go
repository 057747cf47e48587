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

var catalogue []check

package mediatest

// A tiny H.264 encoder (ITU-T H.264, Baseline): one key frame whose left column
// of macroblocks carries raw samples and whose others repeat them to the right,
// then pictures that say "as before". Any decoder shows seeded stripes.

type bitWriter struct {
	b    []byte
	free int // unused bits of the last byte
}

func (w *bitWriter) bits(v uint32, n int) {
	for n > 0 {
		if w.free == 0 {
			w.b = append(w.b, 0)
			w.free = 8
		}
		n--
		w.free--
		w.b[len(w.b)-1] |= byte(v>>n&1) << w.free
	}
}

// ue writes an unsigned Exp-Golomb code (9.1).
func (w *bitWriter) ue(v uint32) {
	v++
	n := 0
	for v>>(n+1) != 0 {
		n++
	}
	w.bits(0, n)
	w.bits(v, n+1)
}

func (w *bitWriter) align() { w.free = 0 }

// nal closes the payload and returns it as a NAL unit with emulation prevention (7.4.1).
func (w *bitWriter) nal(header byte) []byte {
	w.bits(1, 1)
	out := append(make([]byte, 0, len(w.b)+16), header)
	zeros := 0
	for _, b := range w.b {
		if zeros == 2 && b <= 3 {
			out = append(out, 3)
			zeros = 0
		}
		out = append(out, b)
		if b == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return out
}

type h264 struct {
	width, height int
	seed          int64
}

func (v h264) columns() int { return (v.width + 15) / 16 }
func (v h264) rows() int    { return (v.height + 15) / 16 }

func (v h264) sps() []byte {
	var w bitWriter
	w.bits(66, 8)   // Baseline
	w.bits(0xc0, 8) // constraint_set0 and 1: constrained baseline
	w.bits(51, 8)   // level 5.1: up to 4096 x 2304
	w.ue(0)         // seq_parameter_set_id
	w.ue(0)         // log2_max_frame_num - 4
	w.ue(2)         // pic_order_cnt_type: output order is decoding order
	w.ue(1)         // max_num_ref_frames
	w.bits(0, 1)
	w.ue(uint32(v.columns() - 1))
	w.ue(uint32(v.rows() - 1))
	w.bits(1, 1) // frame_mbs_only
	w.bits(1, 1) // direct_8x8_inference
	right, bottom := v.columns()*16-v.width, v.rows()*16-v.height
	if right+bottom > 0 {
		w.bits(1, 1)
		w.ue(0)
		w.ue(uint32(right / 2))
		w.ue(0)
		w.ue(uint32(bottom / 2))
	} else {
		w.bits(0, 1)
	}
	w.bits(0, 1) // no VUI
	return w.nal(0x67)
}

func (v h264) pps() []byte {
	var w bitWriter
	w.ue(0)
	w.ue(0)
	w.bits(0, 2) // CAVLC, no bottom field order
	w.ue(0)      // one slice group
	w.ue(0)
	w.ue(0)
	w.bits(0, 3) // no weighted prediction
	w.ue(0)      // pic_init_qp 26
	w.ue(0)
	w.ue(0)
	w.bits(1, 1) // deblocking_filter_control_present
	w.bits(0, 2)
	return w.nal(0x68)
}

// key returns the slice of the key frame.
func (v h264) key() []byte {
	var w bitWriter
	w.ue(0)
	w.ue(7) // I, all slices alike
	w.ue(0)
	w.bits(0, 4) // frame_num
	w.ue(0)      // idr_pic_id
	w.bits(0, 2) // dec_ref_pic_marking
	w.ue(0)      // slice_qp_delta
	w.ue(1)      // no deblocking
	r := newRandom(v.seed, 3)
	for range v.rows() {
		w.ue(25) // I_PCM
		w.align()
		base := 40 + r.intn(160)
		for line := range 16 {
			luma := byte(base + line*2)
			for range 16 {
				w.b = append(w.b, luma)
			}
		}
		for range 2 {
			c := byte(80 + r.intn(96))
			for range 64 {
				w.b = append(w.b, c)
			}
		}
		for x := 1; x < v.columns(); x++ {
			w.ue(2) // Intra16x16, horizontal prediction, nothing coded
			w.ue(1) // chroma: horizontal
			w.ue(0) // mb_qp_delta
			if x == 1 {
				w.bits(3, 6) // coeff_token of no coefficient next to I_PCM (table 9-5, nC >= 8)
			} else {
				w.bits(1, 1)
			}
		}
	}
	return w.nal(0x65)
}

// same returns the slice of the nth picture after the key frame, a copy of it.
func (v h264) same(n int) []byte {
	var w bitWriter
	w.ue(0)
	w.ue(5) // P
	w.ue(0)
	w.bits(uint32(n)&15, 4)
	w.bits(0, 3) // no override, no reordering, sliding window
	w.ue(0)
	w.ue(1)
	w.ue(uint32(v.columns() * v.rows())) // all skipped
	return w.nal(0x41)
}

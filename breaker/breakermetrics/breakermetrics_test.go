// SPDX-License-Identifier: Apache-2.0

package breakermetrics_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/breaker"
	"github.com/mailweir/mailweir/breaker/breakermetrics"
)

func newObserver(t *testing.T, reg prometheus.Registerer, log logrus.FieldLogger) *breakermetrics.Observer {
	t.Helper()
	o, err := breakermetrics.New(reg, "toy", []string{"a:1", "b:1"}, breakermetrics.Observer{
		Answers:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "mailweir_toy_answers_total", Help: "x"}, []string{"server", "result"}),
		Duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "mailweir_toy_duration_seconds", Help: "x", Buckets: breakermetrics.Buckets()}, []string{"server"}),
		Up:       prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "mailweir_toy_server_up", Help: "x"}, []string{"server"}),
		Log:      log,
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestObserver: all values are there from the start, also after a reload of the config, and what is not asked takes no time.
func TestObserver(t *testing.T) {
	reg := prometheus.NewRegistry()
	var out bytes.Buffer
	log := logrus.New()
	log.SetOutput(&out)
	newObserver(t, reg, nil).Asked("a:1", breaker.Answered, time.Second)
	o := newObserver(t, reg, log)
	o.Asked("a:1", breaker.Off, 0)
	o.Asked("a:1", breaker.NoAnswer, time.Second)
	o.Switched("b:1", true, nil)
	o.Switched("a:1", false, errors.New("dead"))
	const want = `
# HELP mailweir_toy_answers_total x
# TYPE mailweir_toy_answers_total counter
mailweir_toy_answers_total{result="answer",server="a:1"} 1
mailweir_toy_answers_total{result="answer",server="b:1"} 0
mailweir_toy_answers_total{result="busy",server="a:1"} 0
mailweir_toy_answers_total{result="busy",server="b:1"} 0
mailweir_toy_answers_total{result="no_answer",server="a:1"} 1
mailweir_toy_answers_total{result="no_answer",server="b:1"} 0
mailweir_toy_answers_total{result="off",server="a:1"} 1
mailweir_toy_answers_total{result="off",server="b:1"} 0
# HELP mailweir_toy_server_up x
# TYPE mailweir_toy_server_up gauge
mailweir_toy_server_up{server="a:1"} 0
mailweir_toy_server_up{server="b:1"} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "mailweir_toy_answers_total", "mailweir_toy_server_up"); err != nil {
		t.Error(err)
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "mailweir_toy_duration_seconds" && f.GetMetric()[0].GetHistogram().GetSampleCount() != 2 {
			t.Errorf("got %v", f)
		}
	}
	if got := out.String(); !strings.Contains(got, "switched off") || !strings.Contains(got, "filter=toy") || !strings.Contains(got, "err=dead") {
		t.Errorf("logged %s", got)
	}
}

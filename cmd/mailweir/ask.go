// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"

	"github.com/mailweir/mailweir/config"
)

// ask sends a request without a body to the running server, at its control socket or its metrics address. ctx bounds all of it;
// the caller closes the body of the answer.
func ask(ctx context.Context, at config.Address, method, path string) (*http.Response, error) {
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, at.Network, at.Addr)
		},
	}}
	req, err := http.NewRequestWithContext(ctx, method, "http://mailweir"+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err // The URL is made up.
	}
	return resp, err
}

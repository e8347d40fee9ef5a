//go:build unix

package main

import (
	"io"
	"net"
	"testing"
)

// TestWideBind: without flags nothing but loopback listens.
func TestWideBind(t *testing.T) {
	cfg, err := parse([]string{}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Addr != "127.0.0.1:8080" {
		t.Errorf("it would listen on %s", cfg.Addr)
	}
	cfg.Addr = "127.0.0.1:0"
	listeners, addresses, err := listenAll(*cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(listeners)
	if len(listeners) != 1 || !listeners[0].Addr().(*net.TCPAddr).IP.IsLoopback() || len(addresses) != 1 || addresses[0] != listeners[0].Addr().String() {
		t.Errorf("it listens on %v and calls itself %v", listeners, addresses)
	}
}

// TestAtHome: wherever others may reach us, the presenter's token opens nothing for them, unless it was asked for one
// address alone that is not loopback.
func TestAtHome(t *testing.T) {
	cfg := config{Addr: "0.0.0.0:0"} // all addresses, though not by --share
	listeners, addresses, err := listenAll(cfg)
	if err != nil {
		t.Fatal(err)
	}
	closeAll(listeners)
	if !atHome(addresses) {
		t.Errorf("on %s the presenter's link is %s", cfg.Addr, addresses[0])
	}
	for address, home := range map[string]bool{"127.0.0.1:1": true, "[::1]:1": true, "192.168.1.2:1": false, "[fd00::2]:1": false} {
		if atHome([]string{address}) != home {
			t.Errorf("%s: %v", address, !home)
		}
	}
}

// TestShareFromTheLAN: also when --addr names the network's address, the presenter's link is the one that works.
func TestShareFromTheLAN(t *testing.T) {
	lan := lanAddress()
	if lan == nil {
		t.Skip("this machine has no address on a private network")
	}
	for _, addr := range []string{"127.0.0.1:0", net.JoinHostPort(lan.String(), "0")} {
		listeners, addresses, err := listenAll(config{Addr: addr, Share: true})
		if err != nil {
			t.Fatal(err)
		}
		closeAll(listeners)
		last, _, _ := net.SplitHostPort(addresses[len(addresses)-1])
		if len(addresses) != 2 || !atHome(addresses) || last != lan.String() {
			t.Errorf("--addr %s --share: the presenter's address is the first and the viewers' the last of %v", addr, addresses)
		}
	}
}

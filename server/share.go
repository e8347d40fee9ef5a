//go:build unix

package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"

	"github.com/skip2/go-qrcode"
)

// listenAll opens --addr, and with --share the machine's LAN address on the same port. It gives the addresses under
// which browsers may call us, the presenter's own first.
func listenAll(cfg config) (listeners []net.Listener, addresses []string, err error) {
	first, err := listen(cfg.Addr)
	if err != nil {
		return nil, nil, err
	}
	listeners = []net.Listener{first}
	at := first.Addr().(*net.TCPAddr)
	port := strconv.Itoa(at.Port)
	lan := lanAddress()
	switch {
	case at.IP.IsUnspecified(): // asked for by --addr: every address of this machine
		addresses = []string{net.JoinHostPort("127.0.0.1", port)}
		if lan != nil {
			addresses = append(addresses, net.JoinHostPort(lan.String(), port))
		}
		return listeners, addresses, nil
	case !cfg.Share:
		return listeners, []string{at.String()}, nil
	}
	addresses = []string{at.String()}
	others := []net.IP{lan}
	if !at.IP.IsLoopback() {
		others = []net.IP{net.IPv4(127, 0, 0, 1)}
	} else if lan == nil {
		closeAll(listeners)
		return nil, nil, errors.New("--share: this machine has no address on a network: connect it first, or leave --share out")
	}
	for _, ip := range others {
		address := net.JoinHostPort(ip.String(), port)
		another, err := listen(address)
		if err != nil {
			closeAll(listeners)
			return nil, nil, fmt.Errorf("--share: %w", err)
		}
		listeners = append(listeners, another)
		addresses = append(addresses, address)
	}
	if !at.IP.IsLoopback() { // --addr named the LAN's: the presenter's link is the other one all the same
		slices.Reverse(addresses)
	}
	return listeners, addresses, nil
}

// atHome is true when the presenter's link is for this machine alone. Then, without TLS, the token in it opens nothing
// from elsewhere. It is not for a server at one address that is not loopback: whoever asked for that has no other link.
func atHome(addresses []string) bool {
	host, _, err := net.SplitHostPort(addresses[0])
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

// lanAddress is the first address of this machine on a private network, nil if there is none.
func lanAddress() net.IP {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&(net.FlagLoopback|net.FlagPointToPoint) != 0 {
			continue
		}
		all, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range all {
			if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsPrivate() {
				return n.IP
			}
		}
	}
	return nil
}

// announce prints the presenter's link, first of all, and with --share the viewers', also as a QR code. Under 'run'
// standard output is the command's, and everything goes to standard error.
func announce(cfg config, addresses []string) {
	out := os.Stdout
	if cfg.Command != nil {
		out = os.Stderr
	}
	fmt.Fprintln(out, link(cfg, addresses[0], cfg.Token))
	if !cfg.Share {
		return
	}
	viewers := link(cfg, addresses[len(addresses)-1], cfg.ViewerToken)
	fmt.Fprintf(out, "for the class, to look: %s\n", viewers)
	if code, err := qrcode.New(viewers, qrcode.Low); err == nil {
		fmt.Fprint(os.Stderr, code.ToSmallString(false))
	}
}

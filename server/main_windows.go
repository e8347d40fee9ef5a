// Vivero reads and signals processes as Linux has them; WSL 2 is Linux.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "vivero: Windows itself is not supported: use WSL 2 (https://learn.microsoft.com/windows/wsl) and start vivero there")
	os.Exit(1)
}

// Checks a log with the code of Go's checksum database, which knows nothing of this project:
//
//	check-log <folder> [<older checkpoint>] [<step>]
//
// The checkpoint opens under log.vkey; every entry's hash is proved through TileHashReader; every step-th entry has an inclusion
// proof, and the older checkpoint a consistency proof. Prints one line; exits with 1 when anything does not verify.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Height of C2SP tiles; Go writes it into its paths, C2SP does not.
const height = 8

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: check-log <folder> [<older checkpoint>] [<step>]")
		os.Exit(2)
	}
	if err := check(os.Args[1], argument(2), argument(3)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func argument(i int) string {
	if len(os.Args) > i {
		return os.Args[i]
	}
	return ""
}

func check(folder, olderPath, stepText string) error {
	tree, err := openCheckpoint(folder, filepath.Join(folder, "checkpoint"))
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, tiles(folder))
	if err := checkEntries(folder, tree, reader); err != nil {
		return err
	}
	step, err := strconv.ParseInt(stepText, 10, 64)
	if err != nil {
		step = 1
	}
	proved, err := proveEntries(tree, reader, step)
	if err != nil {
		return err
	}
	if olderPath != "" {
		older, err := openCheckpoint(folder, olderPath)
		if err != nil {
			return err
		}
		if err := checkConsistency(tree, older, reader); err != nil {
			return err
		}
		fmt.Printf("extends %d; ", older.N)
	}
	fmt.Printf("%d entries, %d inclusion proofs\n", tree.N, proved)
	return nil
}

func openCheckpoint(folder, path string) (tlog.Tree, error) {
	vkey, err := os.ReadFile(filepath.Join(folder, "log.vkey"))
	if err != nil {
		return tlog.Tree{}, err
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	if err != nil {
		return tlog.Tree{}, err
	}
	signed, err := os.ReadFile(path)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	return parseCheckpoint(opened.Text, verifier.Name())
}

func parseCheckpoint(text, origin string) (tlog.Tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] != origin || lines[3] != "" {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	hash, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, err
	}
	if base64.StdEncoding.EncodeToString(hash[:]) != lines[2] {
		return tlog.Tree{}, fmt.Errorf("root in another spelling")
	}
	return tlog.Tree{N: size, Hash: hash}, nil
}

// tiles reads tiles of Go's names from a folder of C2SP's.
type tiles string

func (tiles) Height() int { return height }

func (folder tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(folder), path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// checkEntries compares the hash of every entry with the one that the tiles prove.
func checkEntries(folder string, tree tlog.Tree, reader tlog.HashReader) error {
	for start := int64(0); start < tree.N; start += 1 << height {
		width := tree.N - start
		if width > 1<<height {
			width = 1 << height
		}
		entries, err := readBundle(folder, start>>height, int(width))
		if err != nil {
			return err
		}
		indexes := make([]int64, width)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, start+int64(i))
		}
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i, entry := range entries {
			if tlog.RecordHash(entry) != hashes[i] {
				return fmt.Errorf("entry %d has another hash than its leaf", start+int64(i))
			}
		}
	}
	return nil
}

func readBundle(folder string, n int64, width int) ([][]byte, error) {
	tile := tlog.Tile{H: height, L: -1, N: n, W: width}
	path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(folder, path))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s ends inside an entry", path)
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:end])
		data = data[end:]
	}
	if len(entries) != width {
		return nil, fmt.Errorf("%s has %d entries", path, len(entries))
	}
	return entries, nil
}

func proveEntries(tree tlog.Tree, reader tlog.HashReader, step int64) (int, error) {
	proved := 0
	for i := int64(0); i < tree.N; i += step {
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
		if err != nil {
			return 0, err
		}
		proof, err := tlog.ProveRecord(tree.N, i, reader)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, i, hashes[0]); err != nil {
			return 0, err
		}
		proved++
	}
	return proved, nil
}

func checkConsistency(tree, older tlog.Tree, reader tlog.HashReader) error {
	proof, err := tlog.ProveTree(tree.N, older.N, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash)
}

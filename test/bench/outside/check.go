// Checks a folder of one log with golang.org/x/mod/sumdb/note and tlog, and with nothing of this project. Answers JSON, or ends with 1 and says why.
//
// x/mod reads the log's own signature, trees, proofs and tiles. It has no cosignatures (C2SP tlog-cosignature, key type 4): those are checked here, behind its
// interface note.Verifier, with the Ed25519 of Go itself. Its tlog.ParseTree takes the name of one log alone, so the three lines are read here.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

type folder string

func (f folder) read(name string) []byte {
	data, err := os.ReadFile(filepath.Join(string(f), filepath.FromSlash(name)))
	must(err)
	return data
}

func (f folder) lines(name string) []string {
	return strings.Split(strings.TrimSuffix(string(f.read(name)), "\n"), "\n")
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// witness is a note.Verifier of C2SP tlog-cosignature v1.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newWitness(vkey string) (*witness, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed witness key")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		return nil, errors.New("not a witness key")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if fmt.Sprintf("%x", sum[:4]) != parts[1] {
		return nil, errors.New("the id of a witness key is of another key")
	}
	return &witness{parts[0], binary.BigEndian.Uint32(sum[:]), key[1:]}, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }
func (w *witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	said := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(w.key, []byte(said), sig[8:])
}

// open checks every signature of a checkpoint: the log's, and those of `witnesses`.
func open(text []byte, log note.Verifier, witnesses []note.Verifier) tlog.Tree {
	opened, err := note.Open(text, note.VerifierList(append([]note.Verifier{log}, witnesses...)...))
	must(err)
	signed := map[string]bool{}
	for _, sig := range opened.Sigs {
		signed[sig.Name] = true
	}
	if !signed[log.Name()] || len(opened.Sigs) != 1+len(witnesses) || len(opened.UnverifiedSigs) > 0 {
		must(errors.New("the checkpoint is not signed by all, or by somebody else too"))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != log.Name() {
		must(errors.New("the checkpoint is of another log"))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return tlog.Tree{N: size, Hash: root}
}

func hashes(lines []string) []tlog.Hash {
	var all []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		must(err)
		all = append(all, hash)
	}
	return all
}

// tiles reads files named as C2SP tlog-tiles names them: as tlog does, without the height.
type tiles struct {
	folder folder
	read   map[string]bool
}

func (t tiles) Height() int                    { return tileHeight }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		name := t.path(tile)
		t.read[name] = true
		all = append(all, t.folder.read(name))
	}
	return all, nil
}

func (t tiles) path(tile tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
}

// entries holds each record of a bundle against the tile, which is held against the checkpoint by tlog.
func (t tiles) entries(tree tlog.Tree) {
	proven := tlog.TileHashReader(tree, t)
	for from := int64(0); from < tree.N; from += 1 << tileHeight {
		width := tree.N - from
		if width > 1<<tileHeight {
			width = 1 << tileHeight
		}
		name := t.path(tlog.Tile{H: tileHeight, L: 0, N: from >> tileHeight, W: int(width)})
		bundle := t.folder.read(strings.Replace(name, "tile/0/", "tile/entries/", 1))
		var places []int64
		for at := int64(0); at < width; at++ {
			places = append(places, tlog.StoredHashIndex(0, from+at))
		}
		wanted, err := proven.ReadHashes(places)
		must(err)
		for at := range wanted {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				must(errors.New("a bundle ends inside an entry"))
			}
			length := 2 + int(binary.BigEndian.Uint16(bundle))
			if tlog.RecordHash(bundle[2:length]) != wanted[at] {
				must(fmt.Errorf("record %d is not the one in the tree", from+int64(at)))
			}
			bundle = bundle[length:]
		}
		if len(bundle) > 0 {
			must(errors.New("a bundle has more than its entries"))
		}
	}
}

// receipt checks one C2SP tlog-proof with the bytes of its record.
func receipt(f folder, name string, log note.Verifier, witnesses []note.Verifier) {
	parts := bytes.SplitN(f.read(name), []byte("\n\n"), 2)
	lines := strings.Split(string(parts[0]), "\n")
	if len(parts) != 2 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		must(errors.New("malformed proof"))
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	must(err)
	tree := open(parts[1], log, witnesses)
	record := tlog.RecordHash(f.read(strings.TrimSuffix(name, ".tlog-proof") + ".record"))
	must(tlog.CheckRecord(hashes(lines[2:]), tree.N, tree.Hash, index, record))
}

func main() {
	f := folder(os.Args[1])
	keys := f.lines("keys")
	log, err := note.NewVerifier(keys[0])
	must(err)
	var witnesses []note.Verifier
	for _, vkey := range keys[1:] {
		one, err := newWitness(vkey)
		must(err)
		witnesses = append(witnesses, one)
	}
	tree := open(f.read("checkpoint"), log, witnesses)
	older := open(f.read("checkpoint.older"), log, nil)
	must(tlog.CheckTree(hashes(f.lines("consistency")), tree.N, tree.Hash, older.N, older.Hash))
	names, err := filepath.Glob(filepath.Join(string(f), "*.tlog-proof"))
	must(err)
	for _, name := range names {
		receipt(f, filepath.Base(name), log, witnesses)
	}
	t := tiles{f, map[string]bool{}}
	t.entries(tree)
	must(json.NewEncoder(os.Stdout).Encode(map[string]int{
		"records": int(tree.N), "proofs": len(names), "tiles": len(t.read), "signatures": 1 + len(witnesses),
	}))
}

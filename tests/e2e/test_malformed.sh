# Damaged files, each by itself and all together: no crash, no hang over 5 s, no more than 1 GB, a status below 4 and an error
# that names the file. The files call themselves CT; as MR images their pixels are decoded, too.
source tests/support/e2e.sh
folder=../shared/data/malformed
[ -d "$folder" ] || skip "no $folder here"
need /usr/bin/python3
mkdir "$work/mr"
/usr/bin/python3 - "$TENO" "$folder" "$work/mr" <<'END'
import pathlib, resource, subprocess, sys
teno, folder, mr = sys.argv[1:]
ct_class, mr_class = (b"1.2.840.10008.5.1.4.1.1.%d\0" % n for n in (2, 4))
files = sorted(f for f in pathlib.Path(folder).rglob("*") if f.is_file())
for f in files:
    (pathlib.Path(mr) / f.name).write_bytes(f.read_bytes().replace(ct_class, mr_class))
for f in [*files, *pathlib.Path(mr).iterdir()]:
    done = subprocess.run([teno, "inspect", "--json", str(f)], capture_output=True, timeout=5)
    assert 0 <= done.returncode <= 3, f"{f}: status {done.returncode}"
    assert done.returncode == 0 or done.stderr.startswith(b"teno inspect: "), f"{f}: no error told: {done.stderr[:300]}"
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
assert most < 1024, f"{most} MB"
assert len(files) >= 300, f"only {len(files)} files found"
print(f"{len(files)} files, at most {most} MB")
END
"$PROGRAMS/mutate_dicom" "$work/mr" 0 0 || fail "see above"
run 3 "$TENO" inspect "$folder"; says 'no MR image'
run 0 "$TENO" inspect "$work/mr"; says 'left aside'
run 3 "$TENO" analyze "$folder" -o "$work/out"
[ ! -e "$work/out" ] || fail "something was written"

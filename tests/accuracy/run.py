"""Makes phantom studies and pairs that nobody has seen, runs Teno on them, scores, and prints wanted against got.

Seeds below 10000 are for developing; evaluation seeds (10000 and above) are used once, for a published table, and never
again: --first-seed says where the next unused ones begin (tests/accuracy/README.md keeps the list)."""
import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from score import score_pair, score_study
from summary import print_summary

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REFUSED = ["calf", "knee", "head", "bottle"]


def run(arguments, allowed=(0,)):
    # Studies run side by side (--jobs), each on one thread.
    done = subprocess.run(arguments, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    if done.returncode not in allowed:
        raise RuntimeError(f"{' '.join(arguments[1:3])}: exit {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.returncode


def phantom(options, name, seed, folder):
    """Makes a case; every twelfth study is a body that must be refused."""
    if name == "study" and seed % 12 == 11:
        spec = os.path.join(folder, "spec.json")
        with open(spec, "w") as file:
            json.dump({"seed": seed, "body": REFUSED[seed // 12 % 4], "name": f"refused-{seed}"}, file)
        run([options.teno, "phantom", spec, "-o", folder])
    else:
        run([options.teno, "phantom", f"{name}:{seed}", "-o", folder])


def analyze(options, dicom, out):
    run([options.teno, "analyze", dicom, "-o", out, "--write", "json,nii", "--threads", "1", *options.analyze], allowed=(0, 6))


def one(options, kind, seed):
    folder = os.path.join(options.work, f"{kind}-{seed}")
    row = {"kind": kind, "seed": seed}
    try:
        visits = ["baseline"] if kind == "study" else ["baseline", "followup"]
        if not os.path.exists(os.path.join(folder, visits[-1], "truth.json")):
            os.makedirs(folder, exist_ok=True)
            phantom(options, kind, seed, folder)
        if options.only_make:
            return row
        for visit in visits:
            out = os.path.join(folder, "out-" + visit)
            analyze(options, os.path.join(folder, visit, "dicom"), out)
        if kind == "study":
            row.update(score_study(os.path.join(folder, "baseline"), os.path.join(folder, "out-baseline")))
        else:
            out = os.path.join(folder, "out-change")
            run([options.teno, "compare", os.path.join(folder, "out-baseline"), os.path.join(folder, "out-followup"), "-o", out,
                 "--write", "json", "--threads", "1"], allowed=(0, 5, 6))
            row.update(score_pair(*[os.path.join(folder, part) for part in ("baseline", "followup", "out-baseline", "out-followup", "out-change")]))
    except Exception as problem:  # a failing case is a line of the table, not the end of the run
        row["error"] = str(problem)
    if not options.keep:
        shutil.rmtree(folder)
    print(progress_line(row), file=sys.stderr, flush=True)
    return row


def progress_line(row):
    keys = ("status", "confidence", "dice", "volume_error_percent", "landmark_error_mm", "tear_true", "tear_found", "tear_dice",
            "grade_true", "grade", "comparable", "tear_volume_mm3_verdict", "state_true", "states", "reason", "error")
    short = {k: round(v, 3) if isinstance(v, float) else v for k in keys if (v := row.get(k)) not in (None, "")}
    return f"{row['kind']}:{row['seed']} " + " ".join(f"{k}={v}" for k, v in short.items())


def write_table(rows, path):
    names = []
    for row in rows:
        names += [name for name in row if name not in names]
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        for row in rows:
            writer.writerow({k: f"{v:.5g}" if isinstance(v, float) else v for k, v in row.items()})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=60)
    parser.add_argument("--pairs", type=int, default=0)
    parser.add_argument("--first-seed", type=int, default=100)
    parser.add_argument("--quick", action="store_true", help="12 studies, no pairs")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--teno", default=os.path.join(ROOT, "build", "release", "teno"))
    parser.add_argument("--analyze", nargs=argparse.REMAINDER, default=[], help="further options for teno analyze")
    parser.add_argument("--keep", metavar="DIR", help="keep every study and result there; studies that are there already are not made again")
    parser.add_argument("--only-make", action="store_true", help="with --keep: make the studies, analyse later")
    parser.add_argument("--csv", help="write the rows there (tests/accuracy/results.csv for a published table)")
    parser.add_argument("--from-csv", help="only print the summary of such a file")
    options = parser.parse_args()
    if options.from_csv:
        with open(options.from_csv) as file:
            return print_summary(list(csv.DictReader(file)))
    if options.quick:
        options.studies, options.pairs = 12, 0
    options.work = options.keep or tempfile.mkdtemp(prefix="teno-accuracy-")
    os.makedirs(options.work, exist_ok=True)
    cases = [("study", options.first_seed + i) for i in range(options.studies)]
    cases += [("pair", options.first_seed + 5000 + i) for i in range(options.pairs)]
    with ThreadPoolExecutor(options.jobs) as pool:
        rows = list(pool.map(lambda case: one(options, *case), cases))
    if not options.keep:
        shutil.rmtree(options.work)
    if options.only_make:
        return 0
    if options.csv:
        write_table(rows, options.csv)
    return print_summary(rows)


if __name__ == "__main__":
    sys.exit(main())

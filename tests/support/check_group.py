"""Holds the tables of `teno group` against pandas and SciPy: the snippet of docs/cohort.md, and an analysis of
covariance by least squares. usage: check_group.py make OUT | check_group.py check OUT"""
import itertools
import json
import os
import re
import sys

import numpy as np

out = sys.argv[2]


def make():
    """A finished batch of 36 comparisons in three arms with known numbers, some of them missing."""
    rng = np.random.default_rng(4)
    for name in ("results", "state", "qc", "log"):
        os.makedirs(f"{out}/{name}", exist_ok=True)
    columns = "case kind folder subject timepoint timepoint_post date date_post side tendon arm therapy pair".split()
    rows = ["\t".join(columns)]
    for i, arm in itertools.product(range(12), ("conservative", "platelet", "surgery")):
        subject, n_a = f"{arm[0]}{i:02d}", "n/a"
        case, folder = f"sub-{subject}_ses-pre_ses-post", f"sub-{subject}/change_ses-pre_ses-post"
        rows.append("\t".join([case, "compare", folder, subject, "pre", "post", n_a, n_a, "left", n_a, arm, n_a, n_a]))
        with open(f"{out}/state/{case}.json", "w") as file:
            json.dump({"status": 5 if i == 11 else 1 if i == 10 else 0, "message": "x"}, file)
        if i >= 10:
            continue
        os.makedirs(f"{out}/{folder}")
        with open(f"{out}/{folder}/changes.csv", "w") as file:
            file.write("subject,pre_date,post_date,therapy,side,tendon,tear,state,measure,pre,post,difference,percent,"
                       "ci_low,ci_high,limit,verdict,unit\n")
            for measure in ("mean_area_mm2", "tear_volume_mm3"):
                pre = round(rng.normal(400, 80), 3)
                post = round(0.8 * pre - 40 * (arm == "platelet") + rng.normal(0, 30), 3)
                known = not (measure == "mean_area_mm2" and i == 3)
                change = post - pre
                verdict = "no_detectable_change" if abs(change) < 60 else "decreased" if change < 0 else "increased"
                values = f"{pre},{post},{change:.3f},,,,60,{verdict}" if known else f"{pre},,,,,,,"
                file.write(f"x,2026-01-01,2026-07-01,,left,achilles,,,{measure},{values},mm3\n")
    rows[1:] = sorted(rows[1:])
    with open(f"{out}/results/cohort.tsv", "w") as file:
        file.write("\n".join(rows) + "\n")


def near(got, wanted, what):
    assert np.isclose(got, wanted, rtol=2e-5, atol=1e-9), f"{what}: {got}, wanted {wanted}"


def check():
    import pandas as pd
    from scipy import stats

    with open("docs/cohort.md") as file:
        snippet = re.search(r"```python\n(.*?)```", file.read(), re.S).group(1)
    names = {}
    exec(snippet.replace('"OUT/', f'"{out}/'), names)
    table = pd.read_table(f"{out}/results/group_changes.tsv", na_values="n/a")
    compared = 0
    for key, wanted in names["by_arm"].iterrows():
        row = table[(table.tendon == key[0]) & (table.measure == key[1]) & (table.arm == key[2])].iloc[0]
        for column, value in wanted.items():
            near(row[column], value, f"{key} {column}")
            compared += 1
        assert row.n + row.n_not_assessable + row.n_missing == 12, f"{key}: somebody was dropped: {dict(row)}"
        assert row.n_missing == 1, dict(row)
    between = pd.read_table(f"{out}/results/group_between_arms.tsv", na_values="n/a")
    whole = names["whole"]
    assert len(between) == 6
    for _, row in between.iterrows():
        rows = whole[(whole.measure == row.measure) & whole.arm.isin([row.reference_arm, row.arm])]
        x = np.column_stack([np.ones(len(rows)), rows.pre, rows.arm == row.arm]).astype(float)
        b, rss, _, _ = np.linalg.lstsq(x, rows.post, rcond=None)
        df = len(rows) - 3
        sigma = np.sqrt(rss[0] / df)
        se = sigma * np.sqrt(np.linalg.inv(x.T @ x)[2, 2])
        t = b[2] / se
        half = stats.t.ppf(0.975, df) * se
        wanted = {"difference": b[2], "ci_low": b[2] - half, "ci_high": b[2] + half, "t": t,
                  "p": 2 * stats.t.sf(abs(t), df), "cohen_d": b[2] / sigma, "df": df}
        for column, value in wanted.items():
            near(row[column], value, f"{row.measure} {row.arm} against {row.reference_arm} {column}")
            compared += 1
    tidy = pd.read_csv(f"{out}/results/changes.csv", na_values="n/a")
    assert tidy.equals(pd.read_table(f"{out}/results/changes.tsv", na_values="n/a")), "CSV and TSV differ"
    for name in ("changes", "cases", "group_changes", "group_between_arms", "group_levels"):
        with open(f"{out}/results/{name}.json") as file:
            described = json.load(file)
        header = open(f"{out}/results/{name}.tsv").readline().rstrip("\n").split("\t")
        assert list(described) == header, f"{name}.json does not describe {name}.tsv"
    print(f"{compared} numbers agree")


{"make": make, "check": check}[sys.argv[1]]()

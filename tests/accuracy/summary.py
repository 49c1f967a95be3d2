"""The figures that the project set itself, wanted against got, from the rows of results.csv."""
import math
import statistics


def number(row, key):
    try:
        value = float(row.get(key))
    except (TypeError, ValueError):
        return None
    return None if math.isnan(value) else value


def numbers(rows, key):
    return [v for row in rows if (v := number(row, key)) is not None]


def share(flags):
    flags = list(flags)
    return (100 * sum(flags) / len(flags), len(flags)) if flags else (float("nan"), 0)


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(p / 100 * len(values)))] if values else float("nan")


def median(values):
    return statistics.median(values) if values else float("nan")


class Table:
    def __init__(self):
        self.missed = 0

    def title(self, text):
        print(f"\n{text}")

    def line(self, figure, wanted, got, n, met):
        mark = " " if n == 0 else "ok" if met else "--"
        self.missed += n > 0 and not met
        print(f"  {mark:2} {figure:44} {wanted:26} {got:26} n={n}")

    def share(self, figure, least, flags):
        got, n = share(flags)
        self.line(figure, f">= {least} %", f"{got:.1f} %", n, got >= least)

    def share_at_most(self, figure, most, flags):
        got, n = share(flags)
        self.line(figure, f"<= {most} %", f"{got:.1f} %", n, got <= most)

    def coverage(self, figure, flags):
        got, n = share(flags)
        self.line(figure, "90 to 99 %", f"{got:.1f} %", n, 90 <= got <= 99.99)


def segmentation(table, rows):
    table.title("Segmentation")
    tendon = [r for r in rows if number(r, "has_tendon") == 1]
    without = [r for r in rows if number(r, "has_tendon") == 0]
    measured = [r for r in tendon if r.get("status") == "measured"]
    table.share("tendon found (Dice > 0.5)", 100, [(number(r, "dice") or 0) > 0.5 for r in tendon])
    table.share_at_most("confident results without a tendon", 0, [r.get("status") == "measured" for r in without])
    good = [r for r in measured if "axial" in r["planes"] or "3d" in r["planes"]]
    other = [r for r in measured if r not in good]
    dice = numbers(good, "dice")
    table.line("Dice, axial or 3-D: median", ">= 0.95", f"{median(dice):.3f}", len(dice), median(dice) >= 0.95)
    table.line("Dice, axial or 3-D: worst", ">= 0.90", f"{min(dice, default=float('nan')):.3f}", len(dice), min(dice, default=0) >= 0.9)
    dice = numbers(other, "dice")
    table.line("Dice, sagittal only: median", ">= 0.90", f"{median(dice):.3f}", len(dice), median(dice) >= 0.9)
    surface = numbers(measured, "surface95_mm")
    table.line("95 % surface distance: median", "<= 0.6 mm", f"{median(surface):.2f} mm", len(surface), median(surface) <= 0.6)
    volume = numbers(measured, "volume_error_percent")
    bias = statistics.fmean(volume) if volume else float("nan")
    table.line("volume bias (mean; median)", "within 1 %", f"{bias:+.2f} %; {median(volume):+.2f} %", len(volume), abs(bias) <= 1)
    table.share("volume within 5 %", 95, [abs(v) <= 5 for v in volume])
    rms = numbers(measured, "area_rms_percent")
    table.line("area profile RMS: median", "<= 5 %", f"{median(rms):.1f} %", len(rms), median(rms) <= 5)
    table.share("landmark within 3 mm", 95, [v <= 3 for v in numbers(measured, "landmark_error_mm")])
    table.share("landmark reported", 95, [r.get("origin") == "insertion" for r in measured])
    table.share("complete rupture bridged", 95, [v == 1 for v in numbers(measured, "bridged")])
    table.share("side right where it is named", 100, [v == 1 for v in numbers(measured, "side_right")])
    calibration(table, measured)


def calibration(table, measured):
    pairs = [(number(r, "confidence"), (number(r, "dice") or 0) >= 0.9) for r in measured if number(r, "confidence") is not None]
    if not pairs:
        return
    said, got = statistics.fmean(c for c, _ in pairs), statistics.fmean(float(d) for _, d in pairs)
    table.line("confidence: mean said; share Dice >= 0.9", "equal within 0.1", f"{said:.2f}; {got:.2f}", len(pairs), abs(said - got) <= 0.1)


def tears(table, rows):
    table.title("Tears")
    rows = [r for r in rows if number(r, "tear_found") is not None]
    torn = [r for r in rows if (number(r, "tear_true") or 0) > 0]
    whole = [r for r in rows if number(r, "tears_true") == 0]
    large = [r for r in torn if number(r, "tear_true") >= 50]
    table.share("tears >= 50 mm3 found", 97, [number(r, "tear_found") > 0.2 * number(r, "tear_true") for r in large])
    table.share_at_most("false tears", 3, [number(r, "tears_found") > 0 for r in whole])
    error = [number(r, "tear_found") - number(r, "tear_true") for r in torn]
    total = sum(number(r, "tear_true") for r in torn)
    bias = 100 * sum(error) / total if total else float("nan")
    relative = median([100 * (number(r, "tear_found") / number(r, "tear_true") - 1) for r in large])
    table.line("tear volume bias (of the sum; median)", "within 3 %", f"{bias:+.1f} %; {relative:+.1f} %", len(torn), abs(bias) <= 3)
    table.share("tear volume within max(10 %, 15 mm3)", 90,
                [abs(e) <= max(0.1 * number(r, "tear_true"), 15) for e, r in zip(error, torn)])
    overlap = numbers(torn, "tear_dice")
    table.line("tear Dice: median", ">= 0.80", f"{median(overlap):.3f}", len(overlap), median(overlap) >= 0.8)
    for name, limit, unit in (("involvement", 6, "points"), ("length", 3, "mm"), ("gap", 3, "mm")):
        which = torn if name != "gap" else [r for r in torn if (number(r, "gap_true") or 0) > 0]
        table.share(f"{name} within {limit} {unit}", 90,
                    [abs(number(r, name) - number(r, name + "_true")) <= limit for r in which if number(r, name) is not None])
    table.share("grade exact", 92, [r.get("grade") == r.get("grade_true") for r in rows])
    for name in ("volume", "tear", "involvement", "length", "gap"):
        table.coverage(f"truth inside the interval: {name}", [v == 1 for v in numbers(rows, name + "_covered")])


def unchanged(rows, name):
    """Pairs in which this quantity is truly the same on both dates; a tendon may swell while its tear stays."""
    return [r for r in rows if number(r, name + "_difference") is not None
            and abs(number(r, name + "_true_difference")) <= 0.03 * max(number(r, name + "_true_pre"), 1)]


def changes(table, rows):
    table.title("Before and after")
    table.share("comparable", 100, [number(r, "comparable") == 1 for r in rows])
    near = [v for r in rows if abs(number(r, "flexion_change") or 0) <= 5 and (v := number(r, "bone_error_mm")) is not None]
    table.line("bone aligned, ankle within 5 degrees: median", "<= 0.5 mm", f"{median(near):.2f} mm", len(near), median(near) <= 0.5)
    table.share("sections matched within 2 mm, ankle within 20", 95,
                [v <= 2 for r in rows if abs(number(r, "flexion_change") or 0) <= 20 and (v := number(r, "section_error_mm")) is not None])
    rows = [r for r in rows if r.get("tear_volume_mm3_verdict")]
    truth = {id(r): (number(r, "tear_volume_mm3_true_pre"), number(r, "tear_volume_mm3_true_difference")) for r in rows}
    for name in ("tear_volume_mm3", "tendon_volume_mm3", "max_area_mm2"):
        table.share(f"rescan unchanged: {name}", 95, [r.get(name + "_verdict") == "no_detectable_change" for r in unchanged(rows, name)])
    differences = [100 * number(r, "tendon_volume_mm3_difference") / number(r, "tendon_volume_mm3_true_pre")
                   for r in unchanged(rows, "tendon_volume_mm3")]
    spread = statistics.stdev(differences) if len(differences) > 1 else float("nan")
    table.line("tendon volume, rescan: SD of the difference", "<= 2.5 %", f"{spread:.2f} %", len(differences), spread <= 2.5)

    def called(r):
        return (r["tear_volume_mm3_verdict"] == "decreased") == (truth[id(r)][1] < 0) and r["tear_volume_mm3_verdict"] != "no_detectable_change"

    large = [r for r in rows if truth[id(r)][0] >= 200]
    table.share("tear >= 200 mm3 changed by 20-50 %, called", 85,
                [called(r) for r in large if 0.19 <= abs(truth[id(r)][1]) / truth[id(r)][0] < 0.5])
    table.share("changed by 50 % or more, called", 98, [called(r) for r in large if abs(truth[id(r)][1]) / truth[id(r)][0] >= 0.5])
    opposite = {"decreased": 1, "increased": -1}
    table.share_at_most("wrong direction called", 0,
                        [opposite.get(r["tear_volume_mm3_verdict"], 0) * truth[id(r)][1] > 0 for r in rows])
    table.share("tear states right", 90, [state_right(r, *truth[id(r)]) for r in rows if r.get("state_true")])
    for name in ("tear_volume_mm3", "tendon_volume_mm3", "max_area_mm2"):
        table.coverage(f"true change inside the interval: {name}", [v == 1 for v in numbers(rows, name + "_covered")])


def state_right(row, before, difference):
    """A change below 20 % may rightly be called unchanged."""
    states = set((row.get("states") or "").split(","))
    small = before > 0 and abs(difference) < 0.2 * before
    return row["state_true"] in states or small and "unchanged" in states


def print_summary(rows):
    """Prints the table; returns the number of figures missed."""
    table = Table()
    studies, pairs = [r for r in rows if r["kind"] == "study"], [r for r in rows if r["kind"] == "pair"]
    print(f"{len(studies)} studies, {len(pairs)} pairs, {sum(bool(r.get('error')) for r in rows)} errors")
    sound = [r for r in studies if not r.get("error")]
    if sound:
        segmentation(table, sound)
        tears(table, sound)
    if pairs:
        changes(table, [r for r in pairs if not r.get("error")])
    print(f"\n{table.missed} figures missed")
    return 0

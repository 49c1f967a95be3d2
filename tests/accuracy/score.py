"""Scores one result of Teno against a phantom's truth. Everything is compared along the truth's own s: a reported section
is projected on the true centreline, so that an error of the landmark counts once, as a landmark error, and not again in
every volume."""
import json
import os

import nibabel
import numpy
from scipy.spatial import cKDTree

GRADES = ["normal", "tendinosis", "partial_low", "partial_high", "complete"]


def load(path):
    with open(path) as file:
        return json.load(file)


def value(quantity):
    return None if quantity is None else quantity.get("value")


class Truth:
    """The true tendon of a visit, in the frame of one of its series."""

    def __init__(self, folder):
        self.folder = folder
        self.json = load(os.path.join(folder, "truth.json"))
        self.tendon = self.json["tendons"][0]
        self.has_tendon = self.tendon["status"] == "measured"
        if not self.has_tendon:
            return
        profile = self.tendon["profile"]
        self.s = numpy.array([row["s_mm"] for row in profile])
        self.base_centre = numpy.array([row["centre_lps"] for row in profile])
        for key in ("area_mm2", "tear_area_mm2", "tendinosis_area_mm2", "thickness_mm"):
            setattr(self, key, numpy.array([row[key] for row in profile]))

    def series(self, uid):
        for one in self.json["series"]:
            if one["series_instance_uid"] == uid:
                return one
        return None

    def enter(self, series):
        """Moves the centreline into the frame of a series."""
        matrix = numpy.array(series["truth_to_series_lps"])
        self.centre = self.base_centre @ matrix[:, :3].T + matrix[:, 3]
        self.fine_s = numpy.arange(self.s[0], self.s[-1], 0.1)
        self.fine = numpy.stack([numpy.interp(self.fine_s, self.s, self.centre[:, i]) for i in range(3)], 1)
        self.tree = cKDTree(self.fine)

    def project(self, points):
        """True s of points, and their distance from the true centreline."""
        distance, index = self.tree.query(points)
        return self.fine_s[index], distance

    def integral(self, key, low, high):
        s = numpy.arange(low, high + 0.05, 0.1)
        return numpy.trapz(numpy.interp(s, self.s, getattr(self, key)), s)


def voxel_points(image, indices):
    ras = numpy.c_[indices, numpy.ones(len(indices))] @ image.affine.T
    return ras[:, :3] * [-1, -1, 1]


def surface_points(mask, image):
    """Voxels of a mask with a neighbour outside it in their own slice plane or through it."""
    inner = mask.copy()
    for axis in range(3):
        for step in (1, -1):
            inner &= numpy.roll(mask, step, axis)
    return voxel_points(image, numpy.argwhere(mask & ~inner))


def dice(a, b):
    total = a.sum() + b.sum()
    return 2 * (a & b).sum() / total if total else float("nan")


def masks_score(row, truth, series, report, folder, s_range):
    image = nibabel.load(os.path.join(folder, report["segmentation"]["mask"]))
    found = image.get_fdata(dtype=numpy.float32)
    true = nibabel.load(os.path.join(truth.folder, series["envelope_mask"])).get_fdata(dtype=numpy.float32)
    if found.shape != true.shape:
        row["note"] = "mask on another grid"
        return
    either = numpy.argwhere((found > 0) | (true > 0))
    s, _ = truth.project(voxel_points(image, either))
    keep = either[(s >= s_range[0]) & (s <= s_range[1])]
    inside = numpy.zeros(true.shape, bool)
    inside[tuple(keep.T)] = True
    a, b = (found >= 0.5) & inside, (true >= 0.5) & inside
    row["dice"] = dice(a, b)
    low = numpy.minimum(found, true)[inside].sum()
    row["dice_soft"] = 2 * low / (found[inside].sum() + true[inside].sum())
    if a.any() and b.any():
        points_a, points_b = surface_points(a, image), surface_points(b, image)
        distances = numpy.r_[cKDTree(points_a).query(points_b)[0], cKDTree(points_b).query(points_a)[0]]
        row["surface95_mm"] = numpy.percentile(distances, 95)
    path = report["segmentation"].get("tear_mask")
    if path and truth.tendon["tears"]:
        found = nibabel.load(os.path.join(folder, path)).get_fdata(dtype=numpy.float32)
        true = nibabel.load(os.path.join(truth.folder, series["tear_mask"])).get_fdata(dtype=numpy.float32)
        row["tear_dice"] = dice((found >= 0.5) & inside, (true >= 0.5) & inside)
        row["tear_dice_soft"] = 2 * numpy.minimum(found, true).sum() / max(found.sum() + true.sum(), 1e-9)


def covered(row, name, quantity, true):
    """1 when the truth lies in the 95 % interval, and the interval's width; nothing when there is no interval."""
    interval = quantity.get("ci95") if quantity else None
    if not interval or quantity.get("value") is None:
        return
    row[name + "_covered"] = int(interval[0] - 1e-6 <= true <= interval[1] + 1e-6)
    row[name + "_width"] = interval[1] - interval[0]


def tear_score(row, truth, report, low, high):
    true_volume = truth.integral("tear_area_mm2", low, high)
    row["tear_true"] = true_volume
    tear = report.get("tear") or {}
    row["grade_true"] = truth.tendon["grade"]["value"]
    grade = report.get("grade")
    row["grade"] = grade["value"] if grade else None
    row["tear_found"] = value(tear.get("volume_mm3"))
    row["tears_true"], row["tears_found"] = len(truth.tendon["tears"]), len(report.get("tears") or [])
    if row["tear_found"] is None:
        return
    covered(row, "tear", tear["volume_mm3"], true_volume)
    for name, key in (("involvement", "max_involvement_percent"), ("length", "length_mm"), ("gap", "gap_mm")):
        true = truth.tendon["tear"][key]["value"]
        row[name + "_true"], row[name] = true, value(tear.get(key))
        covered(row, name, tear.get(key), true)


def score_study(truth_folder, out_folder):
    """A row of numbers for one analysis; missing keys were not measurable."""
    truth = Truth(truth_folder)
    report_all = load(os.path.join(out_folder, "report.json"))
    report = report_all["tendons"][0]
    row = {"status": report["status"], "confidence": report["segmentation"].get("confidence"), "reason": report.get("reason") or "",
           "has_tendon": int(truth.has_tendon), "planes": "+".join(sorted({s["plane"] for s in report_all["series"]})),
           "body": truth.json["body"], "field_t": truth.json["field_t"]}
    if report["status"] != "measured" or not truth.has_tendon:
        return row
    series = truth.series(report["segmentation"]["mask_series_instance_uid"])
    truth.enter(series)
    row["side_right"] = int(report["side"] == truth.tendon["side"]) if report["side"] != "unknown" else None
    profile = report["profile"]
    centres = numpy.array([p["centre_lps"] for p in profile])
    s, away = truth.project(centres)
    low, high = min(s[0], s[-1]), max(s[0], s[-1])
    row["centre_off_mm"] = numpy.median(away)
    row["s_low"], row["s_high"] = low, high
    row["true_low"], row["true_high"] = series.get("assessed_range_mm", truth.tendon["assessed_range_mm"])
    if report["origin"] == "insertion":
        reported_s = [p["s_mm"] for p in profile]
        row["landmark_error_mm"] = abs(numpy.interp(0, reported_s, s)) if reported_s[0] <= 0 <= reported_s[-1] else None
    row["origin"] = report["origin"]
    area = numpy.array([p["area_mm2"] for p in profile])
    true_area = numpy.interp(s, truth.s, truth.area_mm2)
    free = s >= 0  # the insertion's own outline is judged by Dice; its sections by their neighbours above
    if free.any():
        row["area_rms_percent"] = 100 * numpy.sqrt(numpy.mean((area[free] / true_area[free] - 1) ** 2))
    volume, true_volume = value(report["tendon_volume_mm3"]), truth.integral("area_mm2", low, high)
    row["volume"], row["volume_true"] = volume, true_volume
    row["volume_error_percent"] = 100 * (volume / true_volume - 1)
    covered(row, "volume", report["tendon_volume_mm3"], true_volume)
    masks_score(row, truth, series, report, out_folder, series.get("assessed_range_mm", (low, high)))
    tear_score(row, truth, report, low, high)
    complete = truth.tendon["grade"]["value"] == "complete"
    if complete:
        tears = truth.tendon["tears"]
        first = min(t["distal_s_mm"]["value"] for t in tears) - 5
        last = max(t["proximal_s_mm"]["value"] for t in tears) + 5
        row["bridged"] = int(low <= max(first, row["true_low"]) + 1 and high >= min(last, row["true_high"]) - 1)
    return row


def true_state(before, after):
    if before > 0 and after <= 0:
        return "resolved"
    if before <= 0:
        return "new"
    ratio = after / before
    return "smaller" if ratio < 0.97 else "larger" if ratio > 1.03 else "unchanged"


def alignment_score(row, pre, post, result, tendon):
    """How far off the aligned bone is at the insertion, and the sections that were held against each other along s."""
    matrix = numpy.array(result["registration"]["matrix"])
    low, high = max(pre.fine_s[0], post.fine_s[0], -10), min(pre.fine_s[-1], post.fine_s[-1], 0)
    if result["registration"].get("trusted") and high - low >= 3:
        heel = (pre.fine_s >= low) & (pre.fine_s <= high)
        moved = pre.fine[heel] @ matrix[:3, :3].T + matrix[:3, 3]
        there = numpy.stack([numpy.interp(pre.fine_s[heel], post.fine_s, post.fine[:, i]) for i in range(3)], 1)
        row["bone_error_mm"] = numpy.linalg.norm(moved - there, axis=1).mean()
    centres = [[p["centre_lps"] for p in tendon[name]] for name in ("profile_pre", "profile_post")]
    n = min(map(len, centres))
    s = [truth.project(numpy.array(c[:n]))[0] for truth, c in zip((pre, post), centres)]
    row["section_error_mm"] = numpy.median(numpy.abs(s[1] - s[0]))
    row["section_error_most_mm"] = numpy.abs(s[1] - s[0]).max()
    return [(one[0], one[-1]) for one in s]


def reference_series(truth, out_folder):
    report = load(os.path.join(out_folder, "report.json"))
    return truth.series(report["tendons"][0]["segmentation"]["mask_series_instance_uid"])


CHANGES = {"tear_volume_mm3": "tear_area_mm2", "tendon_volume_mm3": "area_mm2", "tendinosis_volume_mm3": "tendinosis_area_mm2"}


def change_score(row, name, change, before, after):
    if value(change.get("pre")) is None or change.get("verdict") is None:
        return
    row[name + "_true_pre"], row[name + "_true_difference"] = before, after - before
    row[name + "_difference"], row[name + "_verdict"] = change["difference"], change["verdict"]
    interval = change.get("ci95")
    if interval and None not in interval:
        row[name + "_covered"] = int(interval[0] - 1e-6 <= after - before <= interval[1] + 1e-6)
        row[name + "_width"] = interval[1] - interval[0]


def score_pair(pre_folder, post_folder, pre_out, post_out, out_folder):
    """One row a pair: alignment, and the verdicts and intervals of the changes against the true ones over the range that
    was compared, each date's by its own truth."""
    pre, post = Truth(pre_folder), Truth(post_folder)
    result = load(os.path.join(out_folder, "compare.json"))
    row = {"comparable": int(bool(result["comparable"])), "reason": result.get("reason") or "",
           "residual_mm": result["registration"].get("residual_mm")}
    volumes = [t.tendon["tear"]["volume_mm3"]["value"] for t in (pre, post)]
    row["tear_pre_true"], row["tear_post_true"] = volumes
    row["flexion_change"] = post.json["flexion_deg"] - pre.json["flexion_deg"]
    if not result["comparable"] or not result["tendons"]:
        return row
    tendon = result["tendons"][0]
    for truth, out in ((pre, pre_out), (post, post_out)):
        truth.enter(reference_series(truth, out))
    ranges = alignment_score(row, pre, post, result, tendon)
    # Both dates have the same tendon: what it truly changed by is asked of one range, the first date's.
    low, high = ranges[0]
    for name, key in CHANGES.items():
        if name in tendon["changes"]:
            change_score(row, name, tendon["changes"][name], *[t.integral(key, low, high) for t in (pre, post)])
    change_score(row, "max_area_mm2", tendon["changes"]["max_area_mm2"],
                 *[t.area_mm2[(t.s >= low) & (t.s <= high)].max() for t in (pre, post)])
    for name, key in (("tear_length_mm", "length_mm"), ("tear_max_involvement_percent", "max_involvement_percent"), ("tear_gap_mm", "gap_mm")):
        change_score(row, name, tendon["changes"][name], *[t.tendon["tear"][key]["value"] for t in (pre, post)])
    row["states"] = ",".join(t["state"] for t in tendon["tears"])
    row["state_true"] = true_state(*volumes) if max(volumes) > 0 else ""
    return row

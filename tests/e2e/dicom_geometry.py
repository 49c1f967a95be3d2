"""Geometry and organisation: the affine of dcm2niix on what both read, and every odd folder by name."""
import json
import pathlib
import shutil
import subprocess
import sys

import numpy
import pydicom

sys.path.insert(0, "tests/support")
import mr_files
from mr_files import clone, enhanced, item, rotation, save, stack, uid, values
from pydicom.sequence import Sequence

work, teno, dump = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
failures, done = [], 0


def expect(name, condition, found):
    global done
    done += 1
    if not condition:
        failures.append(f"{name}: {found}")


def inspect(folder, *options):
    result = subprocess.run([teno, "inspect", "--json", *options, str(folder)], capture_output=True, text=True)
    return json.loads(result.stdout) if result.stdout else {"studies": [], "skipped": []}, result


def volumes(folder):
    out = work / "dump"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    result = subprocess.run([dump, str(out), str(folder)], capture_output=True, text=True)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    for line in lines:
        line["data"] = numpy.fromfile(line["file"], "<f4").reshape(line["shape"]).transpose(2, 1, 0)
        line["affine"] = numpy.array(line["affine"])
    return lines


def nifti(folder):
    import nibabel
    out = work / "nii"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    subprocess.run(["dcm2niix", "-b", "n", "-z", "n", "-o", str(out), str(folder)], capture_output=True, check=True)
    return [nibabel.load(f) for f in sorted(out.glob("*.nii"))]


def flipped(image, axes):
    """The same image stored the other way round along some axes, with its affine."""
    data, affine = numpy.asarray(image.dataobj).astype("f4"), image.affine.copy()
    for axis in axes:
        data = numpy.flip(data, axis)
        affine[:3, 3] += affine[:3, axis] * (data.shape[axis] - 1)
        affine[:3, axis] *= -1
    return data, affine


def same_as_dcm2niix(name, datasets):
    """Voxels and affine agree, whichever way round each program stores rows and slices."""
    folder = work / "stack"
    shutil.rmtree(folder, ignore_errors=True)
    save(datasets, folder)
    ours, theirs = volumes(folder), nifti(folder)
    if len(ours) != 1 or len(theirs) != 1:
        return expect(name, False, f"{len(ours)} volumes, dcm2niix has {len(theirs)}")
    best = "voxels differ"
    for axes in ((), (1,), (2,), (1, 2)):
        data, affine = flipped(theirs[0], axes)
        if data.shape == ours[0]["data"].shape and numpy.allclose(data, ours[0]["data"], rtol=1e-6, atol=1e-4):
            worst = abs(affine - ours[0]["affine"]).max()
            best = f"affine differs by {worst:.2g}"
            if worst <= 1e-4:
                best = None
                break
    expect(name, best is None, best)


def changed(datasets, **attributes):
    for d in datasets:
        for name, value in attributes.items():
            setattr(d, name, value)
    return datasets


def without(datasets, *names):
    for d in datasets:
        for name in names:
            del d[name]
    return datasets


planes = {"axial": rotation(0, 0, 0), "tilted": rotation(12, -7, 4), "sagittal": ((0, 1, 0), (0, 0, -1)),
          "coronal": ((1, 0, 0), (0, 0, -1)), "oblique": rotation(35, 20, -15), "upside down": ((-1, 0, 0), (0, 1, 0)),
          "turned": ((0, 1, 0), (-1, 0, 0))}
if shutil.which("dcm2niix"):
    for name, plane in planes.items():
        same_as_dcm2niix(name, stack(plane=plane))
        same_as_dcm2niix(f"{name}, slices downwards", stack(plane=plane, gap=-4.2))
    same_as_dcm2niix("signed", stack(bits=16, signed=True))
    scaled = stack()
    for d in scaled:
        d.RescaleSlope, d.RescaleIntercept, d.RescaleType = "2.5", "-7", "US"
    same_as_dcm2niix("rescaled", scaled)
    same_as_dcm2niix("Enhanced", [enhanced(stack(plane=planes["oblique"]))])
    philips = stack()
    for d in philips:
        d.Manufacturer, d.RescaleSlope, d.RescaleIntercept = "Philips Medical Systems", "2.5", "-7"
        d.add_new((0x2005, 0x0010), "LO", "Philips MR Imaging DD 001")
        d.add_new((0x2005, 0x100E), "FL", 0.0125)
    same_as_dcm2niix("Philips scale slope", philips)
    # Patients on their side, prone, head first: the header's vectors say it all, the position code nothing.
    for position, plane in (("FFDL", ((0, 1, 0), (-1, 0, 0))), ("FFDR", ((0, -1, 0), (1, 0, 0))), ("FFP", ((-1, 0, 0), (0, -1, 0))),
                            ("HFS", ((1, 0, 0), (0, 1, 0))), ("HFDL", ((0, 1, 0), (-1, 0, 0))), ("HFP", ((-1, 0, 0), (0, -1, 0)))):
        for gap in (3.3, -3.3):
            same_as_dcm2niix(f"{position}, gap {gap}", changed(stack(plane=plane, gap=gap), PatientPosition=position))
    for name, rescaled in (("Philips real-world values", False), ("Philips rescale before real-world values", True)):
        mapped = stack()
        for d in mapped:
            d.Manufacturer = "Philips Medical Systems"
            d.RealWorldValueMappingSequence = Sequence([item(RealWorldValueSlope=4.0, RealWorldValueIntercept=1.0)])
            if rescaled:
                d.RescaleSlope, d.RescaleIntercept, d.RescaleType = "2.5", "-7", "normalized"
        same_as_dcm2niix(name, mapped)
    interleaved = stack(nz=9)
    for k, d in enumerate(interleaved):
        d.InstanceNumber, d.AcquisitionNumber = (k // 2 if k % 2 == 0 else 5 + k // 2) + 1, 1 + k % 2
    same_as_dcm2niix("interleaved slices in two packages", interleaved)
else:
    print("not compared: no dcm2niix here")


def philips_enhanced():
    """As Philips writes it: each frame has a private header nested in it, with a position half a pixel off."""
    d = enhanced(stack(nz=6))
    d.Manufacturer = "Philips Medical Systems"
    for k, groups in enumerate(d.PerFrameFunctionalGroupsSequence):
        nested = item(ImagePositionPatient=[float(v) + 0.25 for v in groups.PlanePositionSequence[0].ImagePositionPatient],
                      EchoTime="99", ImageType=["ORIGINAL", "PRIMARY", "PHASE MAP"])
        nested.add_new((0x2005, 0x0010), "LO", "Philips MR Imaging DD 001")
        nested.add_new((0x2005, 0x100E), "FL", 0.5 + k)
        groups.add_new((0x2005, 0x0014), "LO", "Philips MR Imaging DD 005")
        groups.add_new((0x2005, 0x140F), "SQ", Sequence([nested]))
        groups.PixelValueTransformationSequence[0].RescaleSlope = 1.5 + k
    return d


folder = work / "philips"
save([philips_enhanced()], folder)
found = volumes(folder)
expect("Enhanced Philips is read", len(found) == 1, found)
if len(found) == 1:
    wanted = values(6, 50, 60) / (0.5 + numpy.arange(6))[:, None, None] - (3 / ((1.5 + numpy.arange(6)) * (0.5 + numpy.arange(6))))[:, None, None]
    expect("Enhanced Philips: private scale slope of each frame", numpy.allclose(found[0]["data"].transpose(2, 1, 0), wanted, rtol=1e-5), "values differ")
    expect("Enhanced Philips: the frame's own position", abs(found[0]["affine"][0][3] - 20.5) < 1e-4, found[0]["affine"])
nested = stack(nz=6)
for d in nested:
    d.Manufacturer = "Philips Medical Systems"
    d.add_new((0x2005, 0x0014), "LO", "Philips MR Imaging DD 005")
    d.add_new((0x2005, 0x140F), "SQ", Sequence([item(ImagePositionPatient=d.ImagePositionPatient)]))
    del d["ImagePositionPatient"]
shutil.rmtree(folder)
save(nested, folder)
expect("Philips position that an anonymiser left in the private header only", len(volumes(folder)) == 1, inspect(folder)[0])

# 16-bit signed with padding: no image there, no signal, whatever the rescale.
for bits, low in ((16, -32768), (12, -2048)):
    padded = stack(nz=4, bits=bits, signed=True)
    stored = values(4, 50, 60, bits, True)
    stored[:, :5, :] = low
    for k, d in enumerate(padded):
        d.PixelData = (stored[k] & 0xFFFF).astype("<u2").tobytes()
        d.add_new("PixelPaddingValue", "SS", low)
        d.RescaleSlope, d.RescaleIntercept = "0.5", "20000"
    shutil.rmtree(folder)
    save(padded, folder)
    got = volumes(folder)[0]["data"].transpose(2, 1, 0)
    expect(f"{bits} bits signed, padded", (got[:, :5] == 0).all() and numpy.array_equal(got[:, 5:], (stored[:, 5:] * 0.5 + 20000).astype("f4")), got[:, :6, 0])


def one(name, datasets, **wanted):
    """Writes a folder, and holds the only series of the only study against what is wanted of it."""
    folder = work / "one"
    shutil.rmtree(folder, ignore_errors=True)
    save(datasets, folder)
    found, _ = inspect(folder)
    series = [s for study in found["studies"] for s in study["series"]]
    if len(series) != wanted.pop("n_series", 1):
        return expect(name, False, f"{len(series)} series")
    said = wanted.pop("says", None)
    if said:
        texts = [s["reason"] for s in series] + [w for s in series for w in s["warnings"]] + \
                [w for study in found["studies"] for w in study["warnings"]] + [s["reason"] for s in found["skipped"]]
        expect(f"{name} says '{said}'", any(said in t for t in texts), texts)
    for key, value in wanted.items():
        expect(f"{name}: {key}", series[0][key] == value, f"{series[0][key]}, wanted {value}")
    return series


# Duplicates, gaps, odd stacks.
base = stack(nz=10)
twice = clone(base) + clone(base)
one("the same files twice", twice, usable=True, images=10, says="there twice")
other = clone(base)
for k, d in enumerate(other):
    d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = uid(33, k)
    d.InstanceNumber = 100 + k
one("other images at the same places", clone(base) + other, usable=True, images=10, says="place of another one")
later = changed(clone(other), AcquisitionNumber=2)
one("a second pass", clone(base) + later, n_series=2, usable=True, images=10)
one("a slice missing inside", clone(base[:5] + base[6:]), usable=False, says="slices are missing")
one("a slice missing near the end", clone(base[:1] + base[2:]), usable=True, images=8, says="slices are missing")
uneven = clone(base)
for k in range(10):
    uneven[k].ImagePositionPatient = [-20, -30, k * 3.3 + (0.8 if k % 3 == 1 else 0)]
one("uneven spacing", uneven, usable=False, says="unevenly spaced")
sheared = clone(base)
for k in range(10):
    sheared[k].ImagePositionPatient = [-20 + 0.4 * k, -30, k * 3.3]
one("sheared", sheared, usable=False, says="shifted sideways")
mixed = clone(base)
mixed.append(stack(nz=1, ny=40, nx=44, series=2, origin=(-20, 30, 100))[0])
mixed[-1].SOPInstanceUID, mixed[-1].InstanceNumber = uid(34), 11
one("mixed matrices", mixed, n_series=2, usable=True, images=10, says="one slice only")
one("no position", without(clone(base), "ImagePositionPatient"), usable=False, says="no Image Position (Patient)")
one("no orientation", without(clone(base), "ImageOrientationPatient"), usable=False, says="no Image Orientation (Patient)")
one("no pixel spacing", without(clone(base), "PixelSpacing"), usable=False, says="no valid Pixel Spacing")
one("crooked axes", changed(clone(base), ImageOrientationPatient=[1, 0, 0, 0.3, 0.95, 0]), usable=False, says="no rotation")
one("one slice", clone(base[:1]), usable=False, says="one slice only")
far = stack(nz=8, plane=planes["sagittal"], origin=(60, -20, 50), gap=-3.3)
for k, d in enumerate(far):
    d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = uid(35, k)
one("both ankles in a sagittal series", stack(nz=8, plane=planes["sagittal"], origin=(-60, -20, 50), gap=-3.3) + far,
    n_series=2, usable=True, images=8, side="left", says="right ankle")
aside = stack(nz=8, origin=(60, 31.25, -44.125))
for k, d in enumerate(aside):
    d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = uid(36, k)
one("both ankles in an axial series", stack(nz=8) + aside, n_series=2, usable=True, images=8)
echoes = [d for e in (1, 2) for d in changed(stack(nz=6), EchoNumbers=e, EchoTime=30 * e)]
for k, d in enumerate(echoes):
    d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = uid(37, k)
one("two echoes", echoes, n_series=2, usable=True, images=6)

# What is no measurement.
for kind, says in (("LOCALIZER", "localizer"), ("PROJECTION IMAGE", "projection"), ("MOSAIC", "mosaic"), ("MPR", "reformatted"),
                   ("P", "phase"), ("T2 MAP", "parameter map")):
    one(kind, changed(clone(base), ImageType=["ORIGINAL", "PRIMARY", kind]), usable=False, says=says)
one("derived", changed(clone(base), ImageType=["DERIVED", "SECONDARY"]), usable=True, role="anatomy", says="derived image")
capture = changed(clone(base), SOPClassUID="1.2.840.10008.5.1.4.1.1.7")
one("secondary capture", capture, n_series=0, says="secondary capture")
one("lossy", changed(clone(base), LossyImageCompression="01"), usable=True, lossy=True, says="lossy")

# Contrast, fat suppression, role and side from headers as vendors write them.
for name, attributes, contrast, fat, role in (
        ("T1", dict(RepetitionTime=600, EchoTime=12), "t1", False, "anatomy"),
        ("PD", dict(RepetitionTime=2500, EchoTime=30), "pd", False, "anatomy"),
        ("GE PD FS", dict(ScanOptions=["FAST_GEMS", "SEQ_GEMS", "FS"]), "pd", True, "fluid"),
        ("Siemens T2 FS", dict(EchoTime=70, SeriesDescription="t2_tse_fs_tra"), "t2", True, "fluid"),
        ("Philips SPAIR", dict(SeriesDescription="PDW_SPAIR_SAG"), "pd", True, "fluid"),
        ("Siemens TIRM", dict(ScanningSequence=["SE", "IR"], InversionTime=160, SequenceName="*tir2d1_11"), "stir", True, "fluid"),
        ("STIR by name", dict(SeriesDescription="STIR COR"), "stir", True, "fluid"),
        ("T2 alone", dict(EchoTime=90), "t2", False, "fluid"),
        ("no fat suppression", dict(SeriesDescription="PD AX no FS"), "pd", False, "anatomy"),
        ("Dixon water", dict(ImageType=["DERIVED", "PRIMARY", "DIXON", "WATER"]), "pd", True, "fluid"),
        ("missing times", dict(RepetitionTime=None, EchoTime=None, SeriesDescription="PD FS AX"), "pd", True, "fluid")):
    one(name, changed(clone(base), **attributes), contrast=contrast, fat_suppressed=fat, role=role)
one("side by tag", changed(clone(base), Laterality="R"), side="right")
one("side by text", changed(clone(base), SeriesDescription="PD AX ANKLE LT"), side="left")
one("side contradicted", changed(clone(base), Laterality="R", SeriesDescription="left ankle"), side="unknown",
    says="description")
one("Enhanced", [enhanced(stack(nz=6))], usable=True, images=6, side="right", fat_suppressed=True, role="fluid")
umlaut = changed(clone(base), SpecificCharacterSet="ISO_IR 100", SeriesDescription="PD schräg")
one("Latin-1", umlaut, description="PD schräg")
one("UTF-8", changed(clone(base), SpecificCharacterSet="ISO_IR 192", SeriesDescription="アキレス腱"), description="アキレス腱")
japanese = changed(clone(base), SpecificCharacterSet=["", "ISO 2022 IR 87"], SeriesDescription="アキレス腱")
one("ISO 2022", japanese, description="アキレス腱")
for charset, text in (("GB18030", "跟腱 PD 轴位"), ("GBK", "跟腱"), (["", "ISO 2022 IR 149"], "아킬레스건"), ("ISO_IR 144", "ахилл PD"),
                      ("ISO_IR 13", "ｱｷﾚｽｹﾝ"), ("ISO_IR 100", "PD größer Ø"), ("ISO_IR 192", "腱" * 64)):
    one(f"{charset}", changed(clone(base), SpecificCharacterSet=charset, SeriesDescription=text), description=text)
for name, raw in (("Latin-1 that is not declared", "schräg".encode("latin-1")), ("no UTF-8 although declared", b"PD \xc3\x28 \xed\xa0\x80 \xe0\x80\x80")):
    broken = clone(base)
    for d in broken:
        d.SpecificCharacterSet = "ISO_IR 192" if "declared" in name and "although" in name else ""
        d[0x0008, 0x103E] = pydicom.DataElement((0x0008, 0x103E), "UN", raw + b" " * (len(raw) % 2))
    folder = work / "broken"
    shutil.rmtree(folder, ignore_errors=True)
    save(broken, folder)
    text = subprocess.run([teno, "inspect", "--json", str(folder)], capture_output=True).stdout
    try:
        expect(name, json.loads(text.decode("utf-8"))["studies"][0]["series"][0]["description"].startswith(("schr", "PD")), text[:300])
    except ValueError as error:
        expect(name, False, error)

# What else GE and Canon write, and what they leave out.
canon = changed(clone(base), Manufacturer="CANON_MEC", SpacingBetweenSlices=-3.3, ScanningSequence="RM", SequenceName="FSE2D+8",
                TemporalPositionIdentifier=1, ImageType=["ORIGINAL", "PRIMARY"], SeriesDescription="PDW FSat Ax")
one("Canon", without(canon, "FrameOfReferenceUID", "EchoNumbers"), usable=True, images=10, contrast="pd", fat_suppressed=True)
ge = changed(clone(base), Manufacturer="GE MEDICAL SYSTEMS", ImageType=["ORIGINAL", "PRIMARY", "OTHER"], PixelPaddingValue=0,
             SequenceVariant=["SK", "OSP"], ScanOptions=["FAST_GEMS", "EDR_GEMS", "FS"], SmallestImagePixelValue=0)
for k, d in enumerate(ge):
    d.SliceLocation, d.InstanceNumber, d.TriggerTime = -k * 3.3, 10 - k, 0
one("GE", ge, usable=True, images=10, fat_suppressed=True, role="fluid")
two = clone(base) + changed(clone(base), EchoTime=90)
for k, d in enumerate(two):
    d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = uid(38, k)
    d.EchoNumbers = 1
one("GE dual echo under one echo number", two, n_series=2, usable=True, images=10)

for charset, who in ((["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"), ("GB18030", "Wang^XiaoDong=王^小东"),
                     ("ISO_IR 100", "Müller^Änne"), ("ISO_IR 192", "Wang^XiaoDong=王^小東"),
                     (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동")):
    folder, out = work / "names", work / "names-out"
    shutil.rmtree(folder, ignore_errors=True)
    save(changed(clone(base), SpecificCharacterSet=charset, PatientName=who), folder)
    subprocess.run([teno, "analyze", str(folder), "-o", str(out), "--identify", "--repeats", "0", "--quiet", "--write", "json,html,sr"],
                   capture_output=True)
    report = json.loads((out / "report.json").read_bytes().decode("utf-8"))
    expect(f"name in {charset}", report["study"]["patient_name"] == who, report["study"])
    expect(f"name in {charset} in the page", who in (out / "report.html").read_bytes().decode("utf-8"), "not there")
    expect(f"name in {charset} in the archive object", pydicom.dcmread(out / "dicom/sr.dcm").PatientName == who, "another")

# Folders: any depth, no extensions, other files between, two studies, one series over two folders, two UIDs of a visit.
folder = work / "deep"
save(clone(base)[:5], folder / "a/b/c/d")
save(clone(base)[5:], folder / "e", "x{}")
(folder / "notes.txt").write_text("no image")
(folder / "empty").write_bytes(b"")
(folder / "zeros").write_bytes(b"\0" * 4096)
found, _ = inspect(folder)
expect("series over two folders", len(found["studies"]) == 1 and found["studies"][0]["series"][0]["images"] == 10, found)
expect("files left aside", len(found["skipped"]) == 3, found["skipped"])
(folder / "e" / "cut").write_bytes((folder / "e" / "x0").read_bytes()[:-2000])
found, _ = inspect(folder)
expect("a truncated file is named", any("pixels" in s["reason"] for s in found["skipped"]), found["skipped"])
expect("and warned of", any("damaged" in w for w in found["studies"][0]["warnings"]), found["studies"][0]["warnings"])
second = changed(stack(nz=6, series=7), StudyInstanceUID=uid(5), FrameOfReferenceUID=uid(55), StudyDate="20240601")
save(second, folder / "second")
found, _ = inspect(folder)
expect("two studies by date", [s["study_date"] for s in found["studies"]] == ["20240102", "20240601"], found["studies"])
visit = changed(stack(nz=6, series=8), StudyInstanceUID=uid(6))
save(visit, folder / "visit")
found, _ = inspect(folder)
expect("one visit with two Study UIDs", len(found["studies"]) == 2 and len(found["studies"][0]["series"]) == 2 and
       any("one visit" in w for w in found["studies"][0]["warnings"]), found["studies"])
bare = clone(base)
plain_folder = work / "bare"
plain_folder.mkdir()
for k, d in enumerate(bare):
    d.is_implicit_VR = True
    buffer = pydicom.filebase.DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, True
    pydicom.filewriter.write_dataset(buffer, d)
    (plain_folder / f"{k}").write_bytes(buffer.getvalue())
found, _ = inspect(plain_folder)
expect("no preamble", len(found["studies"]) == 1 and found["studies"][0]["series"][0]["images"] == 10, found)

for name, implicit in (("explicit", False), ("implicit", True)):
    unsaid = clone(base)
    folder = work / ("unsaid" + name)
    for d in unsaid:
        d.is_implicit_VR = implicit
        d.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2" if implicit else "1.2.840.10008.1.2.1"
    save(unsaid, folder)
    for f in folder.iterdir():
        raw = f.read_bytes()
        at = raw.index(b"\x02\x00\x10\x00UI")
        f.write_bytes(raw[:at] + raw[at + 8 + int.from_bytes(raw[at + 6:at + 8], "little"):])
    found, _ = inspect(folder)
    expect(f"no transfer syntax, {name}", len(found["studies"]) == 1 and found["studies"][0]["series"][0]["images"] == 10, found)

# DICOMDIR: what it lists, and only that.
if shutil.which("dcmmkdir"):
    disc = work / "disc"
    save(clone(base), disc / "DICOM", "IM{:06d}")
    result = subprocess.run(["dcmmkdir", "+r", "-Nxc", "+I", "DICOM"], cwd=disc,
                            capture_output=True, text=True)
    if (disc / "DICOMDIR").exists():
        save(changed(stack(nz=4, series=9)), disc / "OTHER", "X{}")
        found, _ = inspect(disc / "DICOMDIR")
        expect("DICOMDIR", len(found["studies"]) == 1 and len(found["studies"][0]["series"]) == 1 and
               found["studies"][0]["series"][0]["images"] == 10, found)
        (disc / "DICOM/IM000009").unlink()
        found, _ = inspect(disc / "DICOMDIR")
        expect("a file missing of a DICOMDIR", len(found["skipped"]) == 1, found["skipped"])
    else:
        print("not tried: dcmmkdir makes no DICOMDIR of these:", result.stderr[:200])
else:
    print("not tried: no dcmmkdir here")

print(f"{done} facts checked")
for failure in failures:
    print("FAILED:", str(failure)[:700], file=sys.stderr)
sys.exit(1 if failures or done == 0 else 0)

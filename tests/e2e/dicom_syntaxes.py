"""Every transfer syntax that Debian's tools can write, held against the original or their own decoders."""
import json
import pathlib
import shutil
import subprocess
import sys

import numpy
import pydicom
from pydicom.encaps import encapsulate

sys.path.insert(0, "tests/support")
import mr_files

# pydicom does not know it yet.
for last in ("201", "202", "203"):
    pydicom.uid.UID_dictionary["1.2.840.10008.1.2.4." + last] = ("HTJ2K", "Transfer Syntax", "", "", "HTJ2K" + last)
work, dump = pathlib.Path(sys.argv[1]), sys.argv[2]
failures, done, missing = [], 0, set()


def tool(*command):
    if not shutil.which(command[0]):
        missing.add(command[0])
        return False
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if result.returncode != 0:
        failures.append(f"{' '.join(map(str, command))}: {result.stderr[:300]}")
    return result.returncode == 0


def volume(folder):
    out = work / "dump"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    result = subprocess.run([dump, str(out), str(folder)], capture_output=True, text=True)
    if result.returncode != 0:
        return None, result.stderr.strip()
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    if len(lines) != 1:
        return None, f"{len(lines)} volumes"
    return numpy.fromfile(lines[0]["file"], "<f4").reshape(lines[0]["shape"]), lines[0]


def check(name, folder, wanted, lossy=False, within=0):
    global done
    got, info = volume(folder)
    done += 1
    if got is None:
        failures.append(f"{name}: {info}")
    elif got.shape != wanted.shape or abs(got - wanted.astype("f4")).max() > within:
        worst = abs(got - wanted).max() if got.shape == wanted.shape else f"shape {got.shape}"
        failures.append(f"{name}: pixels differ, largest difference {worst}")
    elif info["lossy"] != lossy:
        failures.append(f"{name}: lossy is {info['lossy']}")


def each(folder, out, *command):
    """Runs the command on each file: IN and OUT stand for the names."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    return all(tool(*[f if c == "IN" else out / f.name if c == "OUT" else c for c in command])
               for f in sorted(folder.iterdir()))


def decoded(folder, *command):
    """Pixels as a reference decoder gives them, sorted by slice."""
    out = work / "decoded"
    if not each(folder, out, *command):
        return None
    files = sorted((pydicom.dcmread(f) for f in out.iterdir()), key=lambda d: d.InstanceNumber)
    return numpy.array([f.pixel_array for f in files])


kinds = {"u8": (8, 8, False), "u12": (12, 16, False), "u16": (16, 16, False), "s16": (16, 16, True), "s12": (12, 16, True)}
lossless = {
    "implicit": ("dcmconv", "+ti", "IN", "OUT"), "big endian": ("dcmconv", "+tb", "IN", "OUT"),
    "deflated": ("dcmconv", "+td", "IN", "OUT"), "RLE": ("dcmcrle", "IN", "OUT"),
    "RLE by gdcm": ("gdcmconv", "--rle", "IN", "OUT"),
    "JPEG lossless .70": ("dcmcjpeg", "+e1", "IN", "OUT"), "JPEG lossless .57": ("dcmcjpeg", "+el", "IN", "OUT"),
    "JPEG-LS": ("dcmcjpls", "IN", "OUT"), "JPEG-LS by gdcm": ("gdcmconv", "--jpegls", "IN", "OUT"),
    "JPEG 2000": ("gdcmconv", "--j2k", "IN", "OUT"),
    "JPEG lossless by gdcm": ("gdcmconv", "--jpeg", "IN", "OUT"),
}
for kind, (bits, allocated, signed) in kinds.items():
    plain = mr_files.stack(nz=3, bits=bits, allocated=allocated, signed=signed)
    wanted = mr_files.values(3, 50, 60, bits, signed)
    base = work / "base" / kind
    mr_files.save(plain, base)
    check(f"{kind} explicit", base, wanted)
    for name, command in lossless.items():
        out = work / "coded"
        if "JPEG" in name and "2000" not in name and "LS" not in name and signed and command[0] == "gdcmconv":
            continue  # gdcm's JPEG coder refuses signed pixels
        if each(base, out, *command):
            check(f"{kind} {name}", out, wanted)

# One frame's code stream cut into several fragments, as some archives store it.
for name in ("JPEG 2000", "JPEG-LS", "JPEG lossless .70"):
    if each(work / "base" / "u12", work / "coded", *lossless[name]):
        for f in (work / "coded").iterdir():
            d = pydicom.dcmread(f)
            stream = next(pydicom.encaps.generate_pixel_data_frame(d.PixelData, 1))
            d.PixelData = encapsulate([stream], fragments_per_frame=4, has_bot=False)
            d.save_as(f)
        check(f"{name} in four fragments", work / "coded", mr_files.values(3, 50, 60))

# Lossy: what the reference decoder gives, bit by bit, and marked as lossy.
base8, base12 = work / "base" / "u8", work / "base" / "u12"
for name, source, command, decoder in (
        ("JPEG baseline", base8, ("dcmcjpeg", "+eb", "IN", "OUT"), ("dcmdjpeg", "IN", "OUT")),
        ("JPEG extended", base12, ("dcmcjpeg", "+ee", "IN", "OUT"), ("dcmdjpeg", "IN", "OUT")),
        ("JPEG-LS near-lossless", base12, ("dcmcjpls", "+en", "IN", "OUT"), ("dcmdjpls", "IN", "OUT")),
        ("JPEG 2000 lossy", base12, ("gdcmconv", "--j2k", "--lossy", "-q", "40", "IN", "OUT"), ("gdcmconv", "--raw", "IN", "OUT"))):
    out = work / "coded"
    if each(source, out, *command):
        wanted = decoded(out, *decoder)
        if wanted is not None:
            first = pydicom.dcmread(next(out.iterdir()))
            wanted = wanted * float(first.get("RescaleSlope", 1)) + float(first.get("RescaleIntercept", 0))
            check(name, out, wanted, lossy=True)

# High-Throughput JPEG 2000 through openjph's coder, one and three fragments a frame, with and without offset table.
wanted = mr_files.values(3, 50, 60, 16)
streams = []
for k in range(3):
    pgm = work / f"{k}.pgm"
    pgm.write_bytes(b"P5\n60 50\n65535\n" + wanted[k].astype(">u2").tobytes())
    stream = work / f"{k}.j2c"
    if tool("ojph_compress", "-i", pgm, "-o", stream, "-reversible", "true"):
        streams.append(stream.read_bytes())
if len(streams) == 3:
    for fragments in (1, 3):
        plain = mr_files.stack(nz=3, bits=16)
        for d, s in zip(plain, streams):
            d.PixelData = encapsulate([s], fragments_per_frame=fragments)
            d["PixelData"].is_undefined_length = True
            d.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.201"
        out = work / f"ht{fragments}"
        mr_files.save(plain, out)
        check(f"HTJ2K, {fragments} fragments", out, wanted)
    for with_table in (True, False):
        for fragments in (1, 3):
            multi = mr_files.enhanced(mr_files.stack(nz=3, bits=16))
            multi.PixelData = encapsulate(streams, fragments_per_frame=fragments, has_bot=with_table)
            multi["PixelData"].is_undefined_length = True
            multi.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.201"
            out = work / f"multi{fragments}{with_table}"
            mr_files.save([multi], out)
            check(f"Enhanced HTJ2K, {fragments} fragments, table {with_table}", out, 1.5 * wanted - 3)

# JPEG 2000 of several frames, in one and three fragments a frame, with and without offset table.
streams = []
if each(work / "base" / "u16", work / "coded", *lossless["JPEG 2000"]):
    coded = sorted((pydicom.dcmread(f) for f in (work / "coded").iterdir()), key=lambda d: d.InstanceNumber)
    streams = [next(pydicom.encaps.generate_pixel_data_frame(d.PixelData, 1)) for d in coded]
for with_table in (True, False):
    for fragments in (1, 3):
        if not streams:
            break
        multi = mr_files.enhanced(mr_files.stack(nz=3, bits=16))
        multi.PixelData = encapsulate(streams, fragments_per_frame=fragments, has_bot=with_table)
        multi["PixelData"].is_undefined_length = True
        multi.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.90"
        out = work / f"j2k{fragments}{with_table}"
        mr_files.save([multi], out)
        check(f"Enhanced JPEG 2000, {fragments} fragments, table {with_table}", out, 1.5 * wanted - 3)

# The other High-Throughput JPEG 2000 syntaxes; the lossy one against openjph's own decoder.
for syntax, options, lossy in (("202", ("-reversible", "true", "-prog_order", "RPCL"), False), ("203", ("-qstep", "0.001"), True)):
    plain, expected = mr_files.stack(nz=3, bits=16), []
    for k, d in enumerate(plain):
        pgm, stream, back = work / f"{k}.pgm", work / f"{k}.j2c", work / f"{k}.back.pgm"
        if tool("ojph_compress", "-i", pgm, "-o", stream, *options) and tool("ojph_expand", "-i", stream, "-o", back):
            expected.append(numpy.frombuffer(back.read_bytes()[-6000:], ">u2").reshape(50, 60))
            d.PixelData = encapsulate([stream.read_bytes()])
            d["PixelData"].is_undefined_length = True
            d.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4." + syntax
    if len(expected) == 3:
        out = work / f"ht{syntax}"
        mr_files.save(plain, out)
        check(f"HTJ2K .{syntax}", out, numpy.array(expected, "f8"), lossy, within=2 if lossy else 0)

# Enhanced MR in the other syntaxes.
wanted = mr_files.values(5, 50, 60) * (1.5 + numpy.arange(5))[:, None, None] - 3
base = work / "enhanced"
mr_files.save([mr_files.enhanced(mr_files.stack(nz=5), per_frame_rescale=True)], base)
check("Enhanced explicit", base, wanted)
for name, command in lossless.items():
    out = work / "coded"
    if each(base, out, *command):
        check(f"Enhanced {name}", out, wanted)

for name in sorted(missing):
    print(f"not tried: no {name} here")
print(f"{done} samples read")
for failure in failures:
    print("FAILED:", failure, file=sys.stderr)
sys.exit(1 if failures or done == 0 else 0)

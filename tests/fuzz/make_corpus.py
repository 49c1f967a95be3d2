"""Makes the seeds of the fuzz targets with Debian's tools: make_corpus.py CORPUS. Small on purpose: 24 x 20 pixels."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy
import pydicom
from pydicom.encaps import encapsulate, generate_pixel_data_frame

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import mr_files

corpus, work = pathlib.Path(sys.argv[1]), pathlib.Path(tempfile.mkdtemp())
files, streams, fragments = corpus / "dicom_file", corpus / "codestream", corpus / "fragments"
for folder in (files, streams, fragments, corpus / "series", corpus / "mask", corpus / "markups",
               corpus / "manifest", corpus / "directory"):
    folder.mkdir(parents=True, exist_ok=True)
order = ["", "", "", "", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57",
         "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.90",
         "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.201"]

base8, base16 = work / "8", work / "16"
mr_files.stack(nz=1, ny=24, nx=20, bits=8, allocated=8)[0].save_as(base8, write_like_original=False)
mr_files.stack(nz=1, ny=24, nx=20, bits=12)[0].save_as(base16, write_like_original=False)
multi = work / "multi"
mr_files.enhanced(mr_files.stack(nz=3, ny=24, nx=20)).save_as(multi, write_like_original=False)
commands = {
    "implicit": ("dcmconv", "+ti"), "big": ("dcmconv", "+tb"), "deflated": ("dcmconv", "+td"), "explicit": ("dcmconv", "+te"),
    "undefined": ("dcmconv", "-e"), "rle": ("dcmcrle",), "jpegll": ("dcmcjpeg", "+e1"), "jpegl57": ("dcmcjpeg", "+el"),
    "jpegb": ("dcmcjpeg", "+eb"), "jpege": ("dcmcjpeg", "+ee"), "jpegls": ("dcmcjpls",), "jpeglsn": ("dcmcjpls", "+en"),
    "j2k": ("gdcmconv", "--j2k"), "j2klossy": ("gdcmconv", "--j2k", "--lossy", "-q", "40")}
for name, command in commands.items():
    for kind, source in (("8", base8), ("16", base16), ("multi", multi)):
        out = files / f"{name}_{kind}"
        if (name == "jpegb") == (kind != "8") or (name == "jpege" and kind == "8"):
            continue
        if subprocess.run([*command, str(source), str(out)], capture_output=True).returncode != 0:
            out.unlink(missing_ok=True)
            continue
        d = pydicom.dcmread(out)
        syntax = d.file_meta.TransferSyntaxUID
        if syntax in order[4:] and kind != "multi":
            stream = next(generate_pixel_data_frame(d.PixelData, 1))
            (streams / f"{name}_{kind}").write_bytes(bytes([order.index(syntax), int(kind == "16")]) + stream)
        if syntax in order[4:]:
            n = int(d.get("NumberOfFrames", 1))
            (fragments / f"{name}_{kind}").write_bytes(bytes([n - 1]) + d.PixelData)

# What gdcm does not write: High-Throughput JPEG 2000.
pgm, stream = work / "ht.pgm", work / "ht.j2c"
pgm.write_bytes(b"P5\n20 24\n65535\n" + mr_files.values(1, 24, 20, 16).astype(">u2").tobytes())
if subprocess.run(["ojph_compress", "-i", pgm, "-o", stream, "-reversible", "true"], capture_output=True).returncode == 0:
    pydicom.uid.UID_dictionary[order[-1]] = ("HTJ2K", "Transfer Syntax", "", "", "HTJ2K")
    d = mr_files.stack(nz=1, ny=24, nx=20, bits=16)[0]
    d.PixelData = encapsulate([stream.read_bytes()], fragments_per_frame=2)
    d["PixelData"].is_undefined_length = True
    d.file_meta.TransferSyntaxUID = order[-1]
    d.save_as(files / "htj2k_16", write_like_original=False)
    (streams / "htj2k_16").write_bytes(bytes([13, 1]) + stream.read_bytes())
    (fragments / "htj2k_16").write_bytes(bytes([0]) + d.PixelData)

for k in range(12):
    (corpus / "series" / f"{k}").write_bytes(numpy.random.default_rng(k).integers(0, 256, 600, dtype="u1").tobytes())
import nibabel
image = nibabel.Nifti1Image(numpy.ones((5, 6, 7), "u1"), numpy.diag([0.5, 0.5, 3, 1]))
nibabel.save(image, corpus / "mask" / "byte.nii")
nibabel.save(nibabel.Nifti1Image(numpy.ones((5, 6, 7), "f4"), numpy.eye(4)), corpus / "mask" / "float.nii.gz")
support = pathlib.Path(__file__).parent.parent / "support"
series = work / "series"
series.mkdir()
subprocess.run([sys.executable, support / "make_series.py", series, "21", "19", "5"], check=True)
for kind in ("dcmqi", "slicer", "labelmap", "fractional"):
    subprocess.run([sys.executable, support / "make_mask.py", kind, series, corpus / "mask" / f"{kind}.dcm"], check=True)
disc = work / "disc"
mr_files.save(mr_files.stack(nz=3, ny=24, nx=20), disc / "DICOM", "IM{:06d}")
if subprocess.run(["dcmmkdir", "+r", "-Nxc", "+I", "DICOM"], cwd=disc, capture_output=True).returncode == 0:
    shutil.copy(disc / "DICOMDIR", corpus / "directory" / "three_images")
(corpus / "manifest" / "two.csv").write_text(
    "subject,timepoint,path,date,side,tendon,therapy,arm,pair,age\n"
    "a,pre,x/1,2024-01-31,left,achilles,\"PRP, twice\",1,p1,44\na,post,x/2,20240630,,,,,p1,\n")
(corpus / "markups" / "slicer.mrk.json").write_text(
    '{"markups": [{"type": "Fiducial", "coordinateSystem": "LPS", "controlPoints": ['
    '{"label": "achilles-1", "position": [1.5, 2, 3]}, {"label": "not-2", "position": [4, 5, 6]}]}]}')
(corpus / "markups" / "slicer.fcsv").write_text(
    "# Markups fiducial file version = 4.11\n# CoordinateSystem = LPS\n# columns = id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,"
    "associatedNodeID\n1,1.5,2,3,0,0,0,1,1,1,0,achilles,,\n")
shutil.rmtree(work)

# Any archive out: Orthanc takes the study and all results, finds and gives them back unchanged, a rerun replaces instead of
# multiplying, and what comes back can be analysed again. On loopback, with everything in a temporary folder.
source tests/support/e2e.sh
export PATH=$PATH:/usr/sbin:/sbin
for program in Orthanc dcmsend findscu getscu curl dcmdump /usr/bin/python3; do need $program; done
read -r http dicom < <(/usr/bin/python3 -c 'import socket
a, b = socket.socket(), socket.socket()
a.bind(("127.0.0.1", 0)); b.bind(("127.0.0.1", 0)); print(a.getsockname()[1], b.getsockname()[1])') # free ports

cat >"$work/orthanc.json" <<END
{
  "Name": "TenoTest", "StorageDirectory": "$work/db", "IndexDirectory": "$work/db",
  "Plugins": [], "HttpPort": $http, "DicomPort": $dicom, "DicomAet": "TENOTEST", "RemoteAccessAllowed": false,
  "AuthenticationEnabled": false, "DicomCheckCalledAet": false, "DicomAlwaysAllowEcho": true,
  "DicomAlwaysAllowStore": true, "DicomAlwaysAllowFind": true, "DicomAlwaysAllowGet": true, "OverwriteInstances": true
}
END
mkdir "$work/db"
Orthanc "$work/orthanc.json" >"$work/orthanc.log" 2>&1 &
orthanc=$!
trap 'kill $orthanc 2>/dev/null || true; wait $orthanc 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 100); do curl -fs http://127.0.0.1:$http/system >/dev/null && break; sleep 0.1; done
curl -fs http://127.0.0.1:$http/system >/dev/null || { echo "Orthanc does not start:"; tail -5 "$work/orthanc.log"; exit 1; }

store() { dcmsend -aec TENOTEST -aet CI +sd +r -nuc 127.0.0.1 $dicom "$@" >"$work/send.log" 2>&1 || { tail -5 "$work/send.log"; exit 1; }; }
instances() { curl -fs http://127.0.0.1:$http/statistics | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["CountInstances"])'; }

study=sample-data/pre/dicom
uid=$(dcmdump -q +P StudyInstanceUID "$(find $study -type f | sort | head -1)" | sed 's/.*\[\(.*\)\].*/\1/')
analyze() { status=0; "$TENO" analyze "$1" -o "$2" --repeats 2 --quiet || status=$?; [ $status -eq 0 ] || [ $status -eq 6 ] || exit 1; }
analyze $study "$work/out"
n_results=$(ls "$work/out/dicom" | wc -l)
n_images=$(find $study -type f | wc -l)
for object in seg.dcm sr.dcm sc_achilles.dcm report.pdf.dcm; do [ -s "$work/out/dicom/$object" ] || { echo "no $object"; exit 1; }; done

# Store; a second run of the same study replaces what is there.
store $study
store "$work/out/dicom"
[ "$(instances)" -eq $((n_images + n_results)) ] || { echo "$(instances) instances, wanted $n_images + $n_results"; exit 1; }
analyze $study "$work/again"
store "$work/again/dicom"
[ "$(instances)" -eq $((n_images + n_results)) ] || { echo "a rerun multiplied the results: $(instances)"; exit 1; }

# Find: one series a result beside the study's own, in the same study.
findscu -S -aec TENOTEST -aet CI -k QueryRetrieveLevel=SERIES -k StudyInstanceUID="$uid" -k Modality -k SeriesInstanceUID \
  127.0.0.1 $dicom >"$work/find.log" 2>&1
for modality in MR SEG SR OT DOC; do
  grep -qaE "\[$modality *\]" "$work/find.log" || { echo "findscu finds no $modality"; exit 1; }
done
[ "$(curl -fs http://127.0.0.1:$http/studies | grep -c '"')" -eq 1 ] || { echo "the results are not in the study"; exit 1; }

# Retrieve and compare, then analyse what came back.
mkdir "$work/back"
getscu -S -aec TENOTEST -aet CI -od "$work/back" -k QueryRetrieveLevel=STUDY -k StudyInstanceUID="$uid" \
  +xs 127.0.0.1 $dicom >"$work/get.log" 2>&1 || { tail -5 "$work/get.log"; exit 1; }
/usr/bin/python3 tests/support/compare_datasets.py "$work/back" "$study" "$work/out/dicom"
analyze "$work/back" "$work/out_back"
/usr/bin/python3 - "$work/out/report.json" "$work/out_back/report.json" <<'END'
import json, sys
a, b = (json.load(open(p))["tendons"] for p in sys.argv[1:])
assert a == b, "the numbers of the study that came back differ"
END
echo "stored, found, retrieved and analysed again: $n_images images, $n_results results"

# scripts/slurm on a real one-node Slurm gives the bytes of one local batch.
source tests/support/e2e.sh
for program in slurmctld slurmd munged sbatch squeue scontrol; do
  PATH=$PATH:/usr/sbin need $program
done
PATH=$PATH:/usr/sbin
trap 'kill $(cat "$work"/*.pid 2>/dev/null) 2>/dev/null || true; sleep 0.5; rm -rf "$work" || true' EXIT

# A cluster of its own below $work: this user, this machine, free ports, no other cluster's files.
node=$(hostname -s) user=$(id -un)
read -r port1 port2 < <(/usr/bin/python3 - <<P
import socket
s = [socket.socket() for _ in range(2)]
for one in s: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in s))
P
)
mkdir "$work/state" "$work/spool"
chmod 700 "$work"
head -c 1024 /dev/urandom >"$work/munge.key"
chmod 400 "$work/munge.key"
export SLURM_CONF=$work/slurm.conf
cat >"$SLURM_CONF" <<C
ClusterName=test
SlurmctldHost=$node(127.0.0.1)
SlurmUser=$user
SlurmdUser=$user
SlurmctldPort=$port1
SlurmdPort=$port2
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CredType=cred/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
NodeName=$node NodeAddr=127.0.0.1 CPUs=2 RealMemory=4096 State=UNKNOWN
PartitionName=main Nodes=$node Default=YES MaxTime=INFINITE State=UP
C
started() { # NAME COMMAND...: or the test is skipped with the last line of what it says
  "${@:2}" >"$work/$1.out" 2>&1 || skip "$1 does not start here: $(tail -n 1 "$work/$1.out")"
}
started munged munged --force --key-file="$work/munge.key" --socket="$work/munge.socket" --pid-file="$work/munged.pid" \
  --log-file="$work/munged.log" --seed-file="$work/munged.seed"
started slurmctld slurmctld
started slurmd slurmd -N "$node"
for _ in $(seq 100); do
  sinfo -h -o %T 2>/dev/null | grep -q idle && break
  sleep 0.2
done
sinfo -h -o %T 2>/dev/null | grep -q idle ||
  skip "no node comes up here: $(tail -qn 1 "$work/slurmd.log" "$work/slurmctld.log" | tr '\n' ' ')"

cat >"$work/ankle.json" <<S
{"seed": 5, "visits": [{"name": "pre", "date": "20250114"}, {"name": "post", "date": "20250614"}],
 "series": [{"protocol": "ax_t2_fs", "matrix": 192, "slices": 24, "thickness_mm": 4, "fov_mm": 120}]}
S
"$TENO" phantom "$work/ankle.json" -o "$work/ankle" >/dev/null
{
  echo subject,timepoint,path,arm
  for subject in A B; do
    for date in pre post; do echo "$subject,$date,$work/ankle/$date/dicom,arm$subject"; done
  done
  echo "C,pre,$work/absent,armB"
} >"$work/m.csv"
fast=(--repeats 0 --write json,csv)
run 4 "$TENO" batch "$work/m.csv" -o "$work/local" "${fast[@]}"
run 0 "$TENO" group "$work/local"

export TENO
SBATCH_ARGS="--mem-per-cpu=1G --cpus-per-task=1" run 0 scripts/slurm/submit "$work/m.csv" "$work/out" 3 "${fast[@]}"
for _ in $(seq 600); do
  [ -z "$(squeue -h)" ] && break
  sleep 0.2
done
[ -z "$(squeue -h)" ] || fail "the jobs do not end: $(squeue -h)"
cat "$work/out/log/slurm/"*
[ "$(ls "$work/out/log/slurm" | wc -l)" = 4 ] || fail "not three shards and a group: $(ls "$work/out/log/slurm")"
rm -r "$work/out/log/slurm"
for part in results qc sub-A sub-B dataset_description.json participants.tsv; do
  diff -rq "$work/local/$part" "$work/out/$part" || fail "$part differs"
done

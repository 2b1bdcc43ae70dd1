"""PostgreSQL as the batch that one would write instead: loads events, asks for five figures, takes in one correction and asks
again. Arguments: events and correction as 'kpr log print' has them, one record a line; an empty folder. Run as root, as the database server
is started as its own user."""
import contextlib
import pathlib
import shutil
import subprocess
import sys

from timed import timed

SETTINGS = """shared_buffers = 4GB
work_mem = 512MB
maintenance_work_mem = 2GB
max_wal_size = 8GB
max_parallel_workers_per_gather = 2
fsync = off
listen_addresses = ''
unix_socket_directories = '{folder}'
"""
EVENTS = """select (e->>'event_id')::uuid id, coalesce(nullif(e->>'refers_to', '')::uuid, (e->>'event_id')::uuid) original,
    e->>'status' status, coalesce((e->>'sequence')::bigint, 0) "sequence", j->>'sender' sender, (e->>'occurred_on')::date on_day,
    coalesce(e->'subject'->>'pseudonym', e->'subject'->>'provider', e->'subject'->>'municipality') subject,
    coalesce(e->'service_started'->>'service_id', e->'service_ended'->>'service_id') service_id,
    (e->'service_started'->>'service_type')::int service_type, e ? 'service_started' starts, e ? 'service_ended' ends,
    e ? 'person_details' details, nullif(e->'person_details'->>'birth_date', '')::date birth,
    nullif(e->'person_details'->>'death_date', '')::date death,
    coalesce(e->'medication_review'->>'kind' = 'KIND_FULL_REVIEW', false) review, e ? 'nutrition_assessment' nutrition
    from (select j, j->'event' e from raw) r"""


class Database:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.programs = next(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), None)
        if self.programs is None:
            sys.exit("postgres_peer: PostgreSQL is not installed: apt-get install postgresql")
        self.folder.mkdir(exist_ok=True)
        shutil.chown(self.folder, "postgres")
        self.as_its_user("initdb", "-D", self.folder / "data", "-A", "trust")
        with open(self.folder / "data/postgresql.conf", "a") as settings:
            settings.write(SETTINGS.format(folder=self.folder))

    def as_its_user(self, program, *arguments):
        subprocess.run(["runuser", "-u", "postgres", "--", self.programs / program, *arguments], check=True, stdout=subprocess.DEVNULL,
                       cwd=self.folder)

    def __enter__(self):
        self.as_its_user("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "start")
        return self

    def __exit__(self, *_):
        self.as_its_user("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")

    def run(self, statements, records=None):
        """The rows that it answers with. `records` are what the statements copy from standard input."""
        done = subprocess.run(["psql", "-h", self.folder, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-qAt", "-F", " ", "-c", statements],
                              stdin=records, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"postgres_peer: {done.stderr}")
        return done.stdout.splitlines()

    def memory_mib(self):
        """What its processes have resident now, shared pages once; a session's own memory is free again."""
        first = int((self.folder / "data/postmaster.pid").read_text().splitlines()[0])
        kib = 0
        for process in (first, *map(int, subprocess.run(["pgrep", "-P", str(first)], capture_output=True, text=True).stdout.split())):
            with contextlib.suppress(OSError):  # it has ended
                for line in pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                    kib += int(line.split()[1]) if line.startswith("Pss:") else 0
        return kib // 1024


def main():
    events, correction, folder = sys.argv[1:]
    figures = pathlib.Path(__file__).with_name("figures.sql").read_text()
    with Database(folder) as database:
        def take_in(path, into):
            database.run("create unlogged table if not exists raw (j jsonb); truncate raw")
            with open(path) as records:
                # Of CSV with characters that are in no JSON text, as the plain format takes a backslash for its own.
                database.run(r"copy raw from stdin (format csv, quote e'\x01', delimiter e'\x02')", records)
            database.run(into + EVENTS)

        def load():
            database.run("create table day as select d::date d from generate_series(date '2024-01-01', date '2024-12-31', interval '1 day') d")
            take_in(events, "create unlogged table events as ")
            database.run("create index on events (original); create index on events (id); analyze events")

        def correct():
            take_in(correction, "insert into events ")
            return database.run(figures)

        timed("load_s", load)
        rows = {"before": timed("first_s", lambda: database.run(figures)), "after": timed("correction_s", correct)}
        print("memory_mib", database.memory_mib())
        for when, all_of_it in rows.items():
            for row in all_of_it:
                print(when, row)


main()

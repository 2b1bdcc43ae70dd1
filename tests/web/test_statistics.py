"""The page's statistics are those of the literature."""

import subprocess

from web.published_site import HERE


def test_known_answers(kpr_binary, tmp_path):
    page = kpr_binary.parents[1] / "page"
    module = tmp_path / "statistics.mjs"
    subprocess.run([page / "node_modules/.bin/esbuild", HERE.parents[1] / "indicators/dashboard/src/statistics.ts",
                    "--format=esm", f"--outfile={module}", "--log-level=error"], check=True)
    done = subprocess.run(["node", HERE / "statistics.mjs", module], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

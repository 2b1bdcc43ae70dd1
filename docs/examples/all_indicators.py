"""Every indicator of every municipality as one table: python3 all_indicators.py [ADDRESS] >all.csv"""

import io
import sys

import pandas
import requests

base = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080") + "/api/open/v1/kpr"
columns = ["GEO", "GEO_label", "AAR", "MEASURE_TYPE", "value", "status", "status_text"]  # others, such as sex, are at their total
parts = []
for table in requests.get(f"{base}/indicator", params={"lang": "en"}).json():
    answer = requests.get(f"{base}/table/{table['table']}/data.csv",
                          params={"GEO": "????", "AAR": "*", "MEASURE_TYPE": "value,lower,upper", "lang": "en"})
    answer.raise_for_status()
    part = pandas.read_csv(io.StringIO(answer.text), dtype={"GEO": str, "AAR": str})
    parts.append(part[columns].assign(indicator=table["id"], title=table["title"], unit=table["unit"]))
pandas.concat(parts).to_csv(sys.stdout, index=False)

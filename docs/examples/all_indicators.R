# Every indicator of every municipality as one table: Rscript all_indicators.R [ADDRESS] >all.csv
library(jsonlite)

arguments <- commandArgs(trailingOnly = TRUE)
base <- paste0(if (length(arguments) > 0) arguments[1] else "http://127.0.0.1:8080", "/api/open/v1/kpr")
tables <- fromJSON(paste0(base, "/indicator?lang=en"))
# Other columns, such as sex, are at their total.
columns <- c("GEO", "GEO_label", "AAR", "MEASURE_TYPE", "value", "status", "status_text")
parts <- lapply(seq_len(nrow(tables)), function(i) {
  address <- paste0(base, "/table/", tables$table[i], "/data.csv?GEO=????&AAR=*&MEASURE_TYPE=value,lower,upper&lang=en")
  part <- read.csv(url(address), colClasses = c(GEO = "character", AAR = "character"), encoding = "UTF-8")
  cbind(part[columns], indicator = tables$id[i], title = tables$title[i], unit = tables$unit[i])
})
write.csv(do.call(rbind, parts), stdout(), row.names = FALSE, na = "")

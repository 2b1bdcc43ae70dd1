// Every bound of the system, in one place. What is full pushes back; nothing is dropped and nothing grows.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kpr::limits {

inline constexpr size_t kEventBytes = 16 * 1024;         // one serialised event
inline constexpr uint64_t kSequence = (1ull << 53) - 1;  // of an event: what JSON carries in every language
inline constexpr size_t kBatchEvents = 10'000;           // events in one submitted batch
inline constexpr size_t kBatchBytes = 4 * 1024 * 1024;   // one submitted batch
inline constexpr size_t kMessageReceiptBytes = 2 * 1024 * 1024;  // receipt of a national message
inline constexpr int kMessages = 8;                              // national messages taken at once
inline constexpr size_t kReceiptMessageBytes = 1024 * 1024;      // words of refusals in one receipt
inline constexpr int kStreamsPerSender = 16;                     // open submit streams of one sender
inline constexpr int kStreams = 1024;                            // open submit streams of the process
inline constexpr int kConnectionMinutes = 60;          // age at which a connection is asked to leave
inline constexpr int kConnectionGraceMinutes = 10;     // how long its calls may then take
inline constexpr int kBatchesInFlight = 4;             // batches of one stream that wait to be durable
inline constexpr uint64_t kWaitingBytes = 256u << 20;  // batches of all streams that wait to be durable
inline constexpr size_t kRebuildBytes = 512u << 20;  // changes of cells that a rebuild gathers for its writes
inline constexpr size_t kScrubBytes = 64u << 20;     // and one in a server at work
inline constexpr uint64_t kRebuildSubjects = 40'000;   // whose findings it gathers for one
inline constexpr uint64_t kOpenFreeBytes = 16u << 20;  // on the disk to open stores, beside what they replay
inline constexpr size_t kDuplicateWindow = 10'000;     // event ids a stream remembers
inline constexpr int kFindingWatchers = 64;            // open findings streams of the process
inline constexpr int kFindingsPage = 1000;  // findings in one page, unless another size is asked for
inline constexpr uint32_t kFindingsPageMost = 10'000;           // at most
inline constexpr int kReportedGaps = 10'000;                    // gaps in one data-quality report
inline constexpr uint32_t kTablePage = 5000;                    // rows in one page of an indicator table
inline constexpr uint32_t kTablePageMost = 10'000;              // at most
inline constexpr uint32_t kIndicatorsPage = 200;                // definitions in one page
inline constexpr uint32_t kReleasesPage = 200;                  // releases in one page, at most
inline constexpr int64_t kPublishedAmount = 1'000'000'000'000;  // of a release
inline constexpr size_t kTermsOfSums = 5'000'000;               // of one release, between its tables
inline constexpr size_t kReleaseFilePiece = 1u << 20;           // of a release's file in one message
inline constexpr size_t kPublishedCells = 800'000;              // of one answer over HTTP
inline constexpr size_t kHttpValues = 5000;                     // codes and patterns of one question
inline constexpr size_t kPublishedCubes = 200;                  // tables of releases kept read
inline constexpr size_t kHttpHeaderBytes = 16 * 1024;           // of a request
inline constexpr size_t kHttpBodyBytes = 256 * 1024;            // of a request
inline constexpr size_t kBordersBytes = 5u << 20;               // of the page's map
inline constexpr int kHttpConnections = 2048;                   // open at once
inline constexpr int kHttpSeconds = 30;                  // a request may take to come, an answer to be taken
inline constexpr size_t kHttpKeptBytes = 64u << 20;      // of answers kept for the next who ask
inline constexpr size_t kHttpWaitingBytes = 256u << 20;  // of answers that slow readers take
inline constexpr int kBridgeThreads = 16;                // calls over HTTP at once
inline constexpr int kBridgeCallsOfOne = 4;              // of one caller
inline constexpr size_t kAuditPageBytes = 1u << 20;      // of records in one page
inline constexpr size_t kPurposeBytes = 500;             // of a stated purpose
inline constexpr size_t kAuditWaiting = 10'000;          // audit records that wait to be durable
inline constexpr size_t kDenialsKept = 4096;             // different refusals of a minute, for the audit log
inline constexpr uint32_t kAuditPage = 100, kAuditPageMost = 1000;  // records in one page
inline constexpr size_t kPagedTables = 8;                           // tables kept for their next pages
inline constexpr size_t kPagedRows = 400'000;                       // rows in all of them
inline constexpr uint32_t kExplainedSubjects = 1000;                // shown by one explanation
inline constexpr size_t kFactsOfSubject =
    5'000;                               // of one sender; as many corrections; changes of identity apart
inline constexpr int kIdentityHops = 8;  // changes of identity that a fact follows
inline constexpr size_t kIdentityTargets = 8;           // identities that one identity is changed to
inline constexpr size_t kTextBytes = 100;               // free text ids inside a fact
inline constexpr size_t kFactValues = 24;               // small integers inside a fact
inline constexpr size_t kChainFragments = 10'000;       // gaps remembered per sender
inline constexpr size_t kDeclarations = 10'000;         // of completeness, remembered per sender
inline constexpr size_t kWatches = 256;                 // open indicator watches of the process
inline constexpr size_t kWatchesOfOne = 64;             // of one principal
inline constexpr uint64_t kWatchedRowsOfOne = 200'000;  // rows that they hold
inline constexpr int kOtherCalls = 256;                 // at once, beside watches and findings streams
inline constexpr size_t kWaitingQuestions = 16;         // of one principal, until their turn comes
inline constexpr uint32_t kShownDecimals = 6;           // of a value
inline constexpr size_t kCodeListBytes = 1u << 20;      // one file of a code list
inline constexpr size_t kSizeGroups = 8;
inline constexpr int64_t kSizeGroupInhabitants = 100'000'000;  // from which the largest group may begin
inline constexpr int kHistogramDays = 3650;                    // longest waiting time counted by days
inline constexpr size_t kXmlBytes = 1024u * 1024 * 1024;       // one HIS 1135 file
inline constexpr size_t kXmlAttributeBytes = 4096;             // one attribute in it
inline constexpr int64_t kClockSkewMillis = 86'400'000;        // how far ahead a sender's clock may be
inline constexpr int kDeclaredMonths = 120;                    // in one declaration of completeness
inline constexpr int kQueryPeriods = 400;                      // of one indicator answer
inline constexpr size_t kQueryRows = 200'000;                  // rows of one indicator answer
inline constexpr size_t kRecomputedSources = 8;                // earlier states recomputed and kept
inline constexpr size_t kProjectBytes = 40;                    // name of a research project
inline constexpr size_t kRequestBytes = 256 * 1024;            // one request for an extract
inline constexpr size_t kRequestTextBytes = 4000;              // one text in it
inline constexpr int kExtractMonths = 600;                     // time frame of an extract
inline constexpr int kExtractDays = 730;                       // how long an extract can be fetched
inline constexpr size_t kExtractRecipients = 8;                // of one extract
inline constexpr uint64_t kExtractPersons =
    4'000'000;                                       // in one extract; 24 bytes each, 8 a column, 4 a table
inline constexpr uint64_t kExtractRoom = 64u << 20;  // on the disk, beside the reserve, while one is built
inline constexpr size_t kExtractPiece = 1u << 20;    // of its file in one message
inline constexpr uint32_t kExtractsPage = 100;       // extracts in one page, at most
inline constexpr size_t kShownReadings = 1000;       // newest reads of data on a person, in subject access
inline constexpr size_t kExtractCodes = 100'000;  // different ones in one column, where rare ones are grouped
inline constexpr int kLinkedPersons = 1000;       // asked for in one call
inline constexpr int kExtractWatches = 64;        // open watches of the process
inline constexpr size_t kAttributeFileBytes = 16u << 20;  // municipalities' attributes by year
inline constexpr size_t kAttributeFiles = 40;             // of them that the register holds
inline constexpr size_t kHeldAttributes = 50;             // in these
inline constexpr size_t kMunicipalityGroups = 50;         // over time, that the register holds
inline constexpr size_t kGroupMembers = 2000;             // rows of one of them
inline constexpr size_t kAttributeTextBytes = 200;        // source or name of an attribute or a group
inline constexpr size_t kAttributes = 10;                 // in one variation report or comparison
inline constexpr size_t kAttributeCovariates = 40;  // a number is one, a category one less than it has values
inline constexpr int kCarriedYears = 3;             // how far back a declared figure may stand in

}  // namespace kpr::limits

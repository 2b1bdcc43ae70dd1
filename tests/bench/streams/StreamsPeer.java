import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import kpr.v1.EventOuterClass.Event;
import kpr.v1.EventOuterClass.EventStatus;
import kpr.v1.Log.LogRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.QueryableStoreTypes;

/**
 * What one would write with Kafka Streams instead: two of the indicators, kept from kpr's own topic for one day, by
 * municipality. Residents of nursing homes, and those of them on long stay with a medication review in the year
 * before. A subject's events are kept and folded again with each, so corrections and copies count as they should;
 * pauses, ages, changes of identity, periods and all else are left out.
 *
 * <p>Arguments: bootstrap, prefix, day, records in the topic, folder, threads.
 */
public final class StreamsPeer {
  private static final AtomicLong seen = new AtomicLong();

  private StreamsPeer() {}

  private static byte[] append(byte[] events, Event event) {
    try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
      if (events != null) out.write(events);
      event.writeDelimitedTo(out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** "municipality resident reviewed", or nothing. */
  private static String standing(byte[] events, String day) {
    Map<String, Event> effective = new HashMap<>();
    try (ByteArrayInputStream in = new ByteArrayInputStream(events)) {
      for (Event e = Event.parseDelimitedFrom(in); e != null; e = Event.parseDelimitedFrom(in)) {
        String original = e.getStatus() == EventStatus.EVENT_STATUS_ORIGINAL ? e.getEventId() : e.getRefersTo();
        Event known = effective.get(original);
        if (known == null || known.getSequence() < e.getSequence()) effective.put(original, e);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    Map<String, Event> stays = new HashMap<>();
    Map<String, String> ends = new HashMap<>();
    String reviewed = "";
    for (Event e : effective.values()) {
      if (e.getStatus() == EventStatus.EVENT_STATUS_ANNUL || e.getOccurredOn().compareTo(day) > 0) continue;
      if (e.hasServiceStarted() && e.getServiceStarted().getServiceType() >= 18 && e.getServiceStarted().getServiceType() <= 21) {
        stays.put(e.getServiceStarted().getServiceId(), e);
      } else if (e.hasServiceEnded()) {
        ends.put(e.getServiceEnded().getServiceId(), e.getOccurredOn());
      } else if (e.hasMedicationReview() && e.getOccurredOn().compareTo(reviewed) > 0) {
        reviewed = e.getOccurredOn();
      }
    }
    String yearBefore = (Integer.parseInt(day.substring(0, 4)) - 1) + day.substring(4);
    for (Event stay : stays.values()) {
      String end = ends.get(stay.getServiceStarted().getServiceId());
      if (end != null && end.compareTo(day) < 0) continue;
      boolean counts = stay.getServiceStarted().getServiceType() == 21 && reviewed.compareTo(yearBefore) > 0;
      return stay.getMunicipality() + (counts ? " 1" : " 0");
    }
    return null;
  }

  public static void main(String[] args) throws Exception {
    String day = args[2];
    long records = Long.parseLong(args[3]);
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "streams-peer-" + System.currentTimeMillis());
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, args[4]);
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Integer.parseInt(args[5]));
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    properties.put("auto.offset.reset", "earliest");
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000);

    StreamsBuilder builder = new StreamsBuilder();
    KTable<Bytes, String> standings =
        builder.stream(args[1] + ".events", Consumed.with(Serdes.Bytes(), Serdes.ByteArray()))
            .peek((key, value) -> seen.incrementAndGet())
            .filter((key, value) -> key != null)
            .mapValues(StreamsPeer::parse)
            .filter((key, record) -> record.hasEvent())
            .mapValues(record -> record.getEvent().toByteArray())
            .groupByKey(Grouped.with(Serdes.Bytes(), Serdes.ByteArray()))
            .aggregate(
                () -> (byte[]) null,
                (key, bytes, events) -> append(events, parseEvent(bytes)),
                Materialized.with(Serdes.Bytes(), Serdes.ByteArray()))
            .mapValues(events -> standing(events, day), Materialized.with(Serdes.Bytes(), Serdes.String()));
    standings
        .filter((key, standing) -> standing != null)
        .groupBy((key, standing) -> KeyValue.pair(standing.substring(0, 4), standing.endsWith("1") ? 1L : 0L),
            Grouped.with(Serdes.String(), Serdes.Long()))
        .aggregate(
            () -> 0L,
            (key, reviewed, sum) -> sum + (1L << 32) + reviewed,
            (key, reviewed, sum) -> sum - (1L << 32) - reviewed,
            Materialized.<String, Long, org.apache.kafka.streams.state.KeyValueStore<Bytes, byte[]>>as("counts")
                .withKeySerde(Serdes.String()).withValueSerde(Serdes.Long()));

    try (KafkaStreams streams = new KafkaStreams(builder.build(), properties)) {
      streams.start();
      while (seen.get() == 0) Thread.sleep(5);
      long began = System.nanoTime();
      while (seen.get() < records) Thread.sleep(5);
      double seconds = (System.nanoTime() - began) / 1e9;
      Thread.sleep(5000); // the second half of the topology follows through its own topic
      long residents = 0;
      long reviewed = 0;
      var counts = streams.store(StoreQueryParameters.fromNameAndType("counts", QueryableStoreTypes.<String, Long>keyValueStore()));
      try (var all = counts.all()) {
        while (all.hasNext()) {
          long both = all.next().value;
          residents += both >> 32;
          reviewed += both & 0xFFFFFFFFL;
        }
      }
      System.out.printf("%.0f records/s over %.1f s, residents %d, of long stay with a review %d%n", records / seconds, seconds,
          residents, reviewed);
      streams.close(Duration.ofSeconds(10));
    }
    System.exit(0);
  }

  private static LogRecord parse(byte[] bytes) {
    try {
      return LogRecord.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Event parseEvent(byte[] bytes) {
    try {
      return Event.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}

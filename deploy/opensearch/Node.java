import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.codelibs.opensearch.runner.node.OpenSearchRunnerNode;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.index.mapper.MapperExtrasPlugin;
import org.opensearch.index.reindex.ReindexPlugin;
import org.opensearch.join.ParentJoinPlugin;
import org.opensearch.painless.PainlessPlugin;
import org.opensearch.percolator.PercolatorPlugin;
import org.opensearch.plugins.Plugin;
import org.opensearch.transport.Netty4Plugin;

/**
 * One OpenSearch node in this process, which ends when its standard input does: so none outlives the
 * program that started it, however that ends.
 *
 * <p>Arguments: its folder, then settings as name=value, lists with commas between their values. The
 * runner's own main starts all nodes in one process; one that is killed would take the others along.
 */
public final class Node {
    private static final long CLOSING_MS = 10_000;

    private static final List<Class<? extends Plugin>> MODULES =
        List.of(
            Netty4Plugin.class,
            CommonAnalysisPlugin.class,
            MapperExtrasPlugin.class,
            PainlessPlugin.class,
            ParentJoinPlugin.class,
            PercolatorPlugin.class,
            ReindexPlugin.class);

    private Node() {}

    public static void main(String[] arguments) throws Exception {
        Thread watch = new Thread(Node::endWithInput, "input");
        watch.setDaemon(true);
        watch.start();
        Path home = Path.of(arguments[0]);
        Environment environment = new Environment(settings(home, arguments), home.resolve("config"));
        OpenSearchRunnerNode node = new OpenSearchRunnerNode(environment, MODULES);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node), "close"));
        node.start();
        new CountDownLatch(1).await();
    }

    private static Settings settings(Path home, String[] arguments) {
        Settings.Builder made = Settings.builder().put("path.home", home.toString());
        for (int at = 1; at < arguments.length; at++) {
            String[] pair = arguments[at].split("=", 2);
            if (pair[1].contains(",")) {
                made.putList(pair[0], pair[1].split(","));
            } else {
                made.put(pair[0], pair[1]);
            }
        }
        return made.build();
    }

    private static void close(OpenSearchRunnerNode node) {
        try {
            node.close();
        } catch (IOException error) {
            System.err.println("not closed cleanly: " + error);
        }
    }

    private static void endWithInput() {
        try (InputStream input = System.in) {
            while (input.read() >= 0) {
                // Whatever is written to it is nothing to us.
            }
        } catch (IOException error) {
            System.err.println("input: " + error);
        }
        Thread late =
            new Thread(
                () -> {
                    try {
                        Thread.sleep(CLOSING_MS);
                    } catch (InterruptedException error) {
                        Thread.currentThread().interrupt();
                    }
                    Runtime.getRuntime().halt(1);
                },
                "late");
        late.setDaemon(true);
        late.start();
        System.exit(0);
    }
}

package dev.kmsenvelope.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Standard input, output and error of a command. The output carries what was asked for and nothing else; it is unbuffered,
 * and unlike {@link System#out} it reports failures.
 *
 * @param in standard input
 * @param out standard output
 * @param err standard error
 */
public record Stdio(InputStream in, OutputStream out, PrintWriter err) {

    /** How every line on standard error starts. */
    public static final String PREFIX = "kms-envelope: ";

    /** Standard input and output of the process. */
    static Stdio ofProcess() {
        return new Stdio(
                new FileInputStream(FileDescriptor.in),
                new ReportingStream(new FileOutputStream(FileDescriptor.out)),
                new PrintWriter(System.err, true, charset("stderr.encoding")));
    }

    /** The encoding of the terminal; a pipe or file gets the same. */
    static Charset textCharset() {
        return charset("stdout.encoding");
    }

    private static Charset charset(String property) {
        String name = System.getProperty(property, System.getProperty("native.encoding", "UTF-8"));
        return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
    }

    /**
     * Prints a line of text that was asked for.
     *
     * @param line the line; what is not ours in it was escaped by {@link Text#escape}
     * @throws IOException if that fails
     */
    public void println(String line) throws IOException {
        out.write((line + System.lineSeparator()).getBytes(textCharset()));
    }

    /**
     * Prints a JSON document, which is always UTF-8.
     *
     * @param document the document
     * @throws IOException if that fails
     */
    public void printJson(String document) throws IOException {
        out.write((document + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Says something beside the output.
     *
     * @param line one line
     */
    public void note(String line) {
        err.println(PREFIX + line);
        err.flush();
    }

    private static final class ReportingStream extends FilterOutputStream {

        ReportingStream(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                throw translate(e);
            }
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        private static IOException translate(IOException e) {
            String text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
            return text.contains("pipe")
                    ? new BrokenPipeException(e)
                    : new IOException("cannot write the output: " + e.getMessage(), e);
        }
    }
}

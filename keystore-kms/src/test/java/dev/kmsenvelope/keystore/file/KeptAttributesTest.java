package dev.kmsenvelope.keystore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what with a keystore file stays as it is when the file is written. */
class KeptAttributesTest {

    private static final byte[] OLD = Forge.bytes("old");
    private static final byte[] NEW = Forge.bytes("new");

    @TempDir
    private Path directory;

    private Path path;
    private StoreFile file;

    @BeforeEach
    void place() {
        path = directory.resolve("store.kms");
        file = StoreFile.at(path);
    }

    private static void assumePosix() {
        assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"), "a POSIX system");
    }

    @Test
    void permissionsAreKept() throws Exception {
        assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
        for (String permissions : List.of("rw-------", "rw-r-----", "rw-rw-rw-", "r--r--r--")) {
            Files.write(path, OLD);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));

            file.write(OLD, NEW);

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo(permissions);
            Files.delete(path);
        }
    }

    @Test
    void aNewFileIsForItsOwner() throws Exception {
        assumePosix();
        file.write(null, OLD);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
    }

    /** The superuser writes a file that another user goes on writing. */
    @Test
    void ownerAndGroupAreKeptAndTheOwnerCanLockToo() throws Exception {
        assumePosix();
        Files.write(path, OLD);
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        UserPrincipal user;
        GroupPrincipal group;
        try {
            user = directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("65534");
            group = directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName("65534");
            view.setGroup(group);
            view.setOwner(user);
        } catch (FileSystemException e) {
            assumeTrue(false, "this user can give no files away");
            return;
        }

        file.write(OLD, NEW);

        assertThat(file.read()).isEqualTo(NEW);
        assertThat(view.readAttributes().owner()).isEqualTo(user);
        assertThat(view.readAttributes().group()).isEqualTo(group);
        assertThat(Files.getOwner(directory.resolve("store.kms.lock"))).isEqualTo(user);
    }

    @Test
    void whatUsersNotedIsKept() throws Exception {
        Files.write(path, OLD);
        UserDefinedFileAttributeView view = Files.getFileAttributeView(path, UserDefinedFileAttributeView.class);
        try {
            assumeTrue(view != null, "such attributes");
            view.write("note", ByteBuffer.wrap(OLD));
        } catch (IOException e) {
            assumeTrue(false, "the file system has none");
        }

        file.write(OLD, NEW);

        assertThat(file.read()).isEqualTo(NEW);
        ByteBuffer note = ByteBuffer.allocate(OLD.length);
        Files.getFileAttributeView(path, UserDefinedFileAttributeView.class).read("note", note);
        assertThat(note.array()).isEqualTo(OLD);
    }

    /** As Windows has them; a list in memory stands for the file. */
    private static final class Listed implements AclFileAttributeView {

        private UserPrincipal owner;
        private List<AclEntry> acl = List.of();
        private boolean refuses;
        private final List<String> calls = new ArrayList<>();

        Listed(String owner) {
            this.owner = new Named(owner);
        }

        private record Named(String getName) implements UserPrincipal {}

        @Override
        public String name() {
            return "acl";
        }

        @Override
        public List<AclEntry> getAcl() {
            return acl;
        }

        @Override
        public void setAcl(List<AclEntry> list) throws IOException {
            if (refuses) {
                throw new FileSystemException("made", null, "access is denied");
            }
            calls.add("acl");
            acl = list;
        }

        @Override
        public UserPrincipal getOwner() {
            return owner;
        }

        @Override
        public void setOwner(UserPrincipal other) {
            calls.add("owner");
            owner = other;
        }
    }

    private static AclEntry entry(UserPrincipal principal, AclEntryType type) {
        return AclEntry.newBuilder()
                .setType(type)
                .setPrincipal(principal)
                .setPermissions(AclEntryPermission.READ_DATA)
                .build();
    }

    @Test
    void anAccessControlListIsKeptInItsOrder() throws Exception {
        Listed old = new Listed("alice");
        old.acl = List.of(entry(new Listed("mallory").owner, AclEntryType.DENY), entry(old.owner, AclEntryType.ALLOW));
        Listed made = new Listed("service");

        KeptAttributes.keepAcl(path, old, made);

        assertThat(made.acl).isEqualTo(old.acl);
        assertThat(made.owner).isEqualTo(old.owner);
        assertThat(made.calls).containsExactly("owner", "acl");
        KeptAttributes.keepAcl(path, old, null);
        KeptAttributes.keepAcl(path, null, made);
        assertThat(made.calls).hasSize(2);
    }

    @Test
    void aListThatCannotBeKeptIsAnError() {
        Listed made = new Listed("alice");
        made.refuses = true;

        assertThatThrownBy(() -> KeptAttributes.keepAcl(path, new Listed("alice"), made))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining(path.toString())
                .hasMessageContaining("access control list cannot be kept");
    }
}

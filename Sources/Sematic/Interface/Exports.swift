// hasContainerImage() and containerImages() are a part of this library's interface; in a library of their own they are
// to be had without the rest.
@_exported public import SematicLaunch
